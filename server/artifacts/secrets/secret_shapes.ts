// What keys of known makers look like: a prefix that nothing else has, and enough characters after it.

/**
 * Each has the key at its end, or in its group `key` at its end. Every run has an upper bound: the engine keeps a way
 * back for each character of a run, so that a line of megabytes would take its stack. Longer keys are followed by hand.
 */
export const KEY_SHAPES: readonly RegExp[] = [
  bounded([
    // Model providers
    String.raw`sk-(?=[\w-]{0,40}[0-9A-Z])[\w-]{16,512}`,
    String.raw`(?:gsk|hf|r8|ntn)_(?=[A-Za-z]{0,40}[0-9])[A-Za-z0-9]{28,512}`,
    String.raw`(?:csk|pplx|tvly|xai|nvapi)-(?=[A-Za-z_-]{0,40}[0-9])[\w-]{28,512}`,
    String.raw`AIza[\w-]{35}`,
    String.raw`ya29\.[\w-]{20,512}`,
    String.raw`GOCSPX-[\w-]{20,512}`,
    // Clouds and code hosts
    String.raw`A(?:KIA|SIA|BIA|CCA|ROA|IDA)[A-Z0-9]{16}(?![A-Za-z0-9])`,
    String.raw`gh[pousr]_[A-Za-z0-9]{30,512}`,
    String.raw`github_pat_\w{22,512}`,
    String.raw`gl(?:pat|dt|rt|cbt|ptt|ft|agent|soat|imt|oas|ffct)-[\w-]{20,512}`,
    String.raw`GR1348941[\w-]{20,512}`,
    String.raw`do[opr]_v1_[0-9a-f]{64}`,
    String.raw`ATATT3[\w=-]{20,512}`,
    String.raw`dckr_pat_[\w-]{20,512}`,
    String.raw`hv[sbr]\.[\w-]{24,512}`,
    String.raw`AGE-SECRET-KEY-1[A-Z0-9]{58}`,
    // Packages
    String.raw`npm_[A-Za-z0-9]{36}`,
    String.raw`pypi-[\w-]{50,512}`,
    String.raw`rubygems_[0-9a-f]{48}`,
    // Messages, payments, everything else
    String.raw`xox[abceoprs](?:\.xox[a-z])?-[A-Za-z0-9-]{10,512}`,
    String.raw`xapp-\d-[A-Za-z0-9-]{10,512}`,
    String.raw`[rsp]k_(?:live|test)_[A-Za-z0-9]{16,512}`,
    String.raw`whsec_[A-Za-z0-9+/=]{24,512}`,
    String.raw`SG\.[\w-]{16,64}\.[\w-]{16,512}`,
    String.raw`SK[0-9a-f]{32}(?![0-9a-f])`,
    String.raw`(?<![\w-])key-[0-9a-f]{32}(?![0-9a-f])`,
    String.raw`lin_(?:api|oauth)_[A-Za-z0-9]{32,512}`,
    String.raw`secret_[A-Za-z0-9]{43}(?![A-Za-z0-9])`,
    String.raw`fig[do]_[\w-]{30,512}`,
    String.raw`shp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}`,
    String.raw`dapi[0-9a-f]{32}`,
    String.raw`sbp_[0-9a-f]{40}`,
    String.raw`sntry[su]_[\w+/=-]{30,512}`,
    String.raw`gl(?:sa|c)_[A-Za-z0-9+/=_]{32,512}`,
    String.raw`PMAK-[0-9a-f]{24}-[0-9a-f]{34}`,
    String.raw`pscale_(?:tkn|pw|oauth)_[\w.-]{30,512}`,
    String.raw`dp\.(?:pt|st|ct|sa|scim|audit)\.[A-Za-z0-9]{40,512}`,
    String.raw`\d{8,10}:AA[\w-]{33}`,
  ]),
  // JSON web tokens: two parts that begin like `{"`, and a signature that may be empty
  /(?<![\w-])eyJ[\w-]{8,1024}\.eyJ[\w-]{8,8192}\.[\w-]{0,1024}/g,
  /hooks\.slack\.com\/(?:services|workflows|triggers)\/(?<key>[A-Za-z0-9/]{20,512})/g,
  /discord(?:app)?\.com\/api\/webhooks\/\d{1,24}\/(?<key>[\w-]{40,512})/g,
  // Credentials in addresses: a password, or a long user name that is one
  /:\/\/[^\s:@/"'`<>]{0,256}:(?!\$|\{|<|%[sdv])(?<key>[^\s@/"'`<>]{1,512})(?=@)/g,
  /:\/\/(?=[A-Za-z_-]{0,40}[0-9])(?<key>[\w-]{20,256})(?=@)/g,
  // Headers and command lines
  /(?<![A-Za-z0-9])Bearer[ \t]{1,4}(?=[A-Za-z_.~+/-]{0,40}[0-9])(?<key>[A-Za-z0-9._~+/=-]{16,512})/gi,
  /(?<![A-Za-z0-9])Authorization["']?[ \t]{0,4}[:=][ \t]{0,4}["']?(?:Basic|Token|Digest)[ \t]{1,4}(?<key>[A-Za-z0-9._~+/=:-]{6,512})/gi,
  /(?<=\s)(?:-u|--user)[ =]["']?[\w.@+-]{1,64}:(?!\d{1,10}\b)(?<key>[^\s"']{1,256})/g,
  /[?&](?:sig|signature|X-Amz-Signature|X-Goog-Signature)=(?<key>[\w%.~+/=-]{20,512})/gi,
  /(?<![\w-])login[ \t]{1,4}\S{1,128}\s{1,8}password[ \t]{1,4}(?<key>\S{1,256})/g,
];

function bounded(shapes: readonly string[]): RegExp {
  return new RegExp(`(?<![A-Za-z0-9])(?:${shapes.join("|")})`, "g");
}

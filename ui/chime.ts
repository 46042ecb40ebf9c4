// Two short soft tones, made by the browser itself.

const TONES_HZ = [660, 880];
const TONE_S = 0.16;
const PEAK = 0.12;

/** Silent in a page the user has not touched yet: browsers allow no sound before that. */
export function playChime(): void {
  const audio = new AudioContext();
  for (const [index, hz] of TONES_HZ.entries()) {
    playTone(audio, { hz, atS: audio.currentTime + index * TONE_S });
  }
  setTimeout(() => void audio.close(), 1000);
}

function playTone(audio: AudioContext, { hz, atS }: { hz: number; atS: number }): void {
  const tone = audio.createOscillator();
  const volume = audio.createGain();
  tone.frequency.value = hz;
  volume.gain.setValueAtTime(0, atS);
  volume.gain.linearRampToValueAtTime(PEAK, atS + 0.02);
  volume.gain.exponentialRampToValueAtTime(0.001, atS + TONE_S);
  tone.connect(volume).connect(audio.destination);
  tone.start(atS);
  tone.stop(atS + TONE_S);
}

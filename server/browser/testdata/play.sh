# Writes the files parts/0, parts/1 and so on to the terminal, each as soon as the file go/0, go/1 and so on is there;
# `emitted` keeps what was written. Ends with an exit code of 0 at the file go/end.
stty raw -echo
index=0
while [ ! -e go/end ]; do
  if [ -e "go/$index" ] && [ -e "parts/$index" ]; then
    tee -a emitted <"parts/$index"
    index=$((index + 1))
  else
    sleep 0.02
  fi
done

# Runs a command that must not outlive the process that holds the other end of our stdin.
#
# $1  the signal that stops the command when that process goes away
# $2  when to delete $3: "always", or "failed" to keep it if the command succeeds
# $3  the directory
signal=$1 delete=$2 directory=$3
shift 3
exec 3<&0 </dev/null
"$@" 3<&- &
command=$!
# Repeated, since a process that has just started may not have its handlers yet.
(
    read -r _ <&3
    while kill -s "$signal" "$command"; do sleep 0.1; done
) 2>/dev/null >/dev/null &
watch=$!
exec 3<&-
wait "$command"
code=$?
kill "$watch" 2>/dev/null
if [ "$delete" = always ] || [ "$code" != 0 ]; then
    rm -rf -- "$directory"
fi
exit "$code"

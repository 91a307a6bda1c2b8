# What the network tests share, on top of the tests of the command line.

load ../cli/common

# All processes of this test carry a mark in their environment, which they inherit.
export LABCTL_TEST_MARK="mark-$$-$RANDOM$RANDOM"

# The pids of all processes with the mark, but for the test itself and what it runs, which
# share its session.
marked() {
    local environ fields ours
    read -r -a fields </proc/self/stat
    ours=${fields[5]}
    for environ in $(grep -lsF "LABCTL_TEST_MARK=$LABCTL_TEST_MARK" /proc/[0-9]*/environ); do
        read -r -a fields <"${environ%environ}stat" || continue
        [ "${fields[5]}" = "$ours" ] || echo "${fields[0]}"
    done 2>/dev/null
}

# The marked processes so that they can be told from later ones of the same number: pid and
# time of start.
marked_identities() {
    local pid fields
    for pid in $(marked); do
        read -r -a fields <"/proc/$pid/stat" || continue # It has ended meanwhile.
        echo "$pid ${fields[21]}"
    done 2>/dev/null
}

# Interfaces and mounts as they are outside.
outside() {
    ip -o link | cut -d: -f2
    cut -d' ' -f1-3 /proc/self/mounts
}

# until_true SECONDS COMMAND...: wait until the command succeeds.
until_true() {
    local deadline=$((SECONDS + $1))
    shift
    until "$@"; do
        if [ $SECONDS -ge $deadline ]; then
            echo "waited in vain for: $*" >&2
            return 1
        fi
        sleep 0.02
    done
}

none_marked() {
    [ -z "$(marked)" ]
}

# None of the processes $1 (identities) is there any more, not even as a dead one that the
# system has not taken note of yet. A namespace that no process lives in, and that is
# mounted nowhere, is gone.
none_there() {
    local pid start fields
    while read -r pid start; do
        read -r -a fields 2>/dev/null <"/proc/$pid/stat" || continue
        [ "${fields[21]}" != "$start" ] || return 1
    done <<<"$1"
}

# Nothing of a run is left: no process, neither any nor one of $1 (identities), and nothing
# outside that was not there before ($2).
assert_nothing_left() {
    until_true 10 none_marked || {
        ps -fp "$(marked | tr '\n' ' ')" >&2
        return 1
    }
    [ -z "$1" ] || until_true 10 none_there "$1"
    [ "$(outside)" = "$2" ] || {
        diff <(echo "$2") <(outside) >&2
        return 1
    }
}

# A tool $1 (ip, tc) that is found first, and does the real one's work after the sed script $2 on
# what is fed to it.
false_tool() {
    mkdir -p bin
    cat >"bin/$1" <<END
#!/bin/sh
PATH=\${PATH#*:}
case "\$1" in
-batch) sed '$2' | $1 "\$@" ;;
*) exec $1 "\$@" ;;
esac
END
    chmod +x "bin/$1"
    export PATH="$PWD/bin:$PATH"
}

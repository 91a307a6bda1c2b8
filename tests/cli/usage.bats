# Help, versions and mistakes on the command line.

load common

# What labctl --help lists, so that a new command is among them.
commands() {
    "$LABCTL" --help | sed -n '/^Commands:/,/^$/s/^  \([a-z]*\) .*/\1/p'
}

# The options of a command's help, as "o output" or, without a letter, "- latex".
options() {
    "$LABCTL" "$1" --help | sed -nE 's/^  (-(.),|   ) --([a-z]+) .*/\2- \3/p' | sed -E 's/^(.)-? /\1 /' |
        grep -v ' help$'
}

# The flags of a command in the manual's synopsis, a line each: "o", "-latex".
synopsis() {
    sed -n '/^\.Sh SYNOPSIS/,/^\.Sh DESCRIPTION/p' "$SOURCE_DIR/docs/labctl.1" |
        awk -v command="$1" '/^\.Nm/ { here = 0 } $1 == ".Cm" { here = $2 == command }
            here && match($0, /Fl [^ ]+/) { print substr($0, RSTART + 3, RLENGTH - 3) }' |
        sed '/^-/!s/./&\n/g' | grep . | sort -u
}

@test "--help lists the commands, --version the version" {
    run_apart "$LABCTL" --help
    assert_status 0
    for command in run rerun check compare report doctor shell; do
        commands | grep -qx "$command"
    done
    run_apart "$LABCTL" --version
    assert_status 0
    grep -qE '^labctl [0-9]+\.[0-9]+' stdout
}

@test "every command has a --help" {
    for command in $(commands); do
        run_apart "$LABCTL" "$command" --help
        assert_status 0
        assert_text "Usage: labctl $command" stdout
        assert_text "--help" stdout
        [ ! -s stderr ]
    done
}

@test "the manual page has every command and option of --help, and no others" {
    for command in $(commands); do
        grep -q "^\.It Cm $command" "$SOURCE_DIR/docs/labctl.1"
        options "$command" | while read -r letter name; do
            grep -qE -- "Fl -$name|[, ]-$name" "$SOURCE_DIR/docs/labctl.1" ||
                { echo "$command --$name is not in the manual" >&2; return 1; }
        done
        diff <(options "$command" | sed -E 's/^- /-/; s/^([^-]) .*/\1/' | sort -u) \
            <(synopsis "$command") >&2
    done
    diff <(commands | sort) \
        <(sed -n '/^\.Sh SYNOPSIS/,/^\.Sh DESC/s/^\.Cm //p' "$SOURCE_DIR/docs/labctl.1" | sort -u) >&2
}

@test "a wrong command line ends with 2 and says what is wrong" {
    run_apart "$LABCTL"
    assert_status 2
    run_apart "$LABCTL" rnu
    assert_status 2
    assert_text "there is no command 'rnu'" stderr
    run_apart "$LABCTL" run
    assert_status 2
    assert_text "FILE... is missing" stderr
    run_apart "$LABCTL" run --jsn x
    assert_status 2
    assert_text "unknown option --jsn" stderr
    run_apart "$LABCTL" run -z x
    assert_status 2
    assert_text "unknown option -z" stderr
    run_apart "$LABCTL" run x --trials
    assert_status 2
    assert_text "option --trials needs a value" stderr
    run_apart "$LABCTL" shell a b
    assert_status 2
    assert_text "did not expect 'b'" stderr
}

@test "wrong values of options end with 2" {
    experiment x
    for value in 0 -1 3x 99999999999 ""; do
        run_apart "$LABCTL" run --trials "$value" x.json
        assert_status 2
        assert_text "--trials: expected a number from 1" stderr
    done
    for value in soon 0 1500min; do
        run_apart "$LABCTL" run --timeout "$value" x.json
        assert_status 2
        assert_text "--timeout: expected a time" stderr
    done
    [ ! -e output ]
}

@test "output that cannot be written is an error" {
    run_apart sh -c "'$LABCTL' --help >/dev/full"
    assert_status 1
    assert_text "cannot write to standard output" stderr
}

@test "doctor says that this machine can run experiments" {
    run_apart "$LABCTL" doctor
    assert_status 0
    assert_text "ok    sandbox" stdout
    assert_text "ok    network" stdout
    assert_text "This machine can run experiments." stdout
}

# What a trial's figures are worth when processors were not there for it: a test for each such row
# of the table in docs/results-format.md. What only a machine below this one could do (take time
# away from it, stop it, let it sleep) is played to labctl at the place where the kernel tells of it.

load causes

# Programs that want all processors, at normal priority, while the command runs and for no more
# than a minute.
beside_hogs() {
    hogs=()
    for _ in $(seq "$(($(nproc) * 2))"); do
        timeout 60 sh -c 'while :; do :; done' 3>&- &
        hogs+=($!)
    done
    run_apart "$@"
    kill "${hogs[@]}"
    wait "${hogs[@]}" 2>/dev/null || true
}

# A client that wants COUNT processors for some seconds.
busy() {
    jq -n --arg count "$1" '["sh", "-c",
        "for i in $(seq \($count)); do timeout 3 sh -c \"while :; do :; done\" & done; wait"]'
}

has_pressure() {
    head -c 1 /proc/pressure/cpu >/dev/null 2>&1
}

@test "cpu_busy, cpu_pressure: a CPU hog beside the run makes it suspect" {
    shaped x '.workload.file.size = "3MB"'
    beside_hogs "$LABCTL" run x.json
    assert_status 0
    assert_found x suspect cpu_busy
    assert_text "- suspect: the processors were" stdout
    assert_json '.summary.suspect == 1 and .summary.makespan_s.n == 1' "$(run_dir x)/results.json"
    ! has_pressure || assert_found x suspect cpu_pressure
}

@test "cpu_runnable: so does one beside a run too short for the ticks of a processor" {
    shaped x '.workload.file.size = "30kB"'
    beside_hogs "$LABCTL" run x.json
    assert_status 0
    assert_found x suspect cpu_runnable
}

@test "cpu_others: so does one beside a run whose links are not shaped" {
    commands x '["sleep", "1"]'
    beside_hogs "$LABCTL" run x.json
    assert_status 0
    assert_found x suspect cpu_others
    assert_not_found x cpu_busy
}

@test "cpu_wait: a program that does not get the processor it wants makes the run suspect" {
    spin='["python3", "-c", "import time; end = time.monotonic() + 1\nwhile time.monotonic() < end: pass"]'
    commands x "$spin" '.topology.link = {up: "8Mbit", down: "8Mbit"}'
    beside_hogs "$LABCTL" run x.json
    assert_status 0
    assert_found x suspect cpu_wait
}

@test "cpu_bound: an unshaped run that needs all processors is told so, and no worse for it" {
    commands x "$(busy "$(nproc)")"
    run_apart "$LABCTL" run x.json
    assert_status 0
    assert_found x valid cpu_bound
    assert_not_found x cpu_busy
    assert_not_found x cpu_pressure
    assert_not_found x cpu_wait
}

@test "a sweep beside a CPU hog is told how busy the processors were, and no more than is known" {
    shaped x '.sweep = {"/topology/link/down": ["8Mbit", "9Mbit"]} | .workload.file.size = "500kB"'
    beside_hogs "$LABCTL" run --jobs 2 x.json
    assert_status 0
    assert_told "x: from its start to its end the processors were busy" stderr
    assert_told "with up to 2 trials at once (--jobs). That may have changed some of the times" stderr
}

# --- the machine below ------------------------------------------------------------

# The processors' times as they are, and a second more that was stolen.
robbed() {
    awk '/^cpu / { $9 += 100 } 1' /proc/stat
}

@test "cpu_steal: processors that the machine below takes away make the trial suspect" {
    shaped x '.workload.file.size = "2MB"'
    begin x
    soon timed x
    robbed | replace_stat
    finish
    assert_status 0
    assert_found x suspect cpu_steal
}

@test "machine_stopped: processors that do not tick make the trial suspect" {
    shaped x '.workload.file.size = "2MB"'
    begin x
    soon timed x
    sleep 1 # of which little may be stolen
    replace_stat </proc/stat
    finish
    assert_status 0
    assert_found x suspect machine_stopped
    assert_not_found x cpu_steal
}

# Each time it is asked, the clock that goes on while the machine sleeps has gained two seconds.
@test "machine_slept: a machine that sleeps in between makes the trial invalid" {
    shaped x '.workload.file.size = "100kB"'
    lying_clock sleeping.so 'if (clock == CLOCK_BOOTTIME) time->tv_sec += 2 * asked++;'
    run_apart env "${LYING[@]}" LD_PRELOAD="$PWD/sleeping.so" "$LABCTL" run x.json
    assert_status 0
    assert_found x invalid machine_slept
    assert_text "the machine slept for 2 s in the timed window" stdout
}

# Running labctl as somebody else.

# A user that nobody else is, so that what it writes can be told.
export ANYONE=60123

# Run a command as an ordinary user without any right, with a copy of the programs it can
# read; as ourselves when we are one already.
as_anyone() {
    if [ "$(id -u)" -ne 0 ]; then
        "$@"
        return
    fi
    setpriv --reuid=$ANYONE --regid=$ANYONE --clear-groups --bounding-set=-all --inh-caps=-all \
        env HOME=/nonexistent PATH=/usr/bin:/bin "$@"
}

# Put labctl and its programs where anyone can run them, and results can be written.
share() {
    mkdir -p build/nodes results
    cp "$LABCTL" build/labctl
    cp "$(dirname "$LABCTL")"/nodes/{cs,p2p,exec}_* build/nodes/
    chmod -R a+rX . && chmod a+rwx results
}

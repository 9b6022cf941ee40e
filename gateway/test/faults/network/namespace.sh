# Runs a command with a network, a name server address and nothing else of its own: sh namespace.sh RESOLV_CONF COMMAND…
# To be run by `unshare --map-root-user --mount --net`.
set -e
ip link set lo up
# A public address that is this machine, so that the gateway may be told to call public ones only.
ip addr add 8.8.8.8/32 dev lo
# Behind this link nobody answers.
ip link add hole0 type veth peer name hole1
ip addr add 192.0.2.1/32 dev hole0
ip link set hole0 up
ip link set hole1 up
ip route add 1.1.1.1/32 dev hole0 src 192.0.2.1
ip neigh add 1.1.1.1 lladdr 02:00:00:00:00:01 dev hole0
ip route add unreachable 9.9.9.0/24
mount --bind "$1" /etc/resolv.conf
shift
exec "$@"

//! The scripts that the server runs, each as one step. A script works on one key, so that it runs on a cluster too.

use std::sync::LazyLock;

use redis::Script;

/// The script that replaces a record if its text is still the text that was seen.
///
/// `ARGV`: the seen text, the new text, the time to live (ms). It returns `nil` if there is no record, 0 if the text is
/// another one, 1 if the record was replaced, and the server's error if the key holds a value of another type.
pub(super) static UPDATE: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        r"
local there = redis.pcall('GET', KEYS[1])
if type(there) == 'table' then return there end
if not there then return nil end
if there ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
return 1",
    )
});

/// The script that replaces a value if it is the expected one. A value of another type, which another program wrote,
/// counts as no value.
///
/// `ARGV`: 1 if a value is expected, else 0; the expected value; 1 if there is a new value, else 0; the new value; the
/// time to live (ms).
pub(super) static REPLACE: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        r"
local there = redis.pcall('GET', KEYS[1])
if type(there) == 'table' then
    if not string.find(there.err, 'WRONGTYPE', 1, true) then return there end
    there = false
end
if ARGV[1] == '0' then
    if there then return 0 end
elseif there ~= ARGV[2] then
    return 0
end
if ARGV[3] == '0' then
    redis.call('DEL', KEYS[1])
else
    redis.call('SET', KEYS[1], ARGV[4], 'PX', ARGV[5])
end
return 1",
    )
});

/// The script that adds an id to an index, and removes the ids whose sessions have ended. Of several ends of one
/// session the latest stays, since requests that write at the same time may arrive in any order. A value of another
/// type in the place of the index would keep the user from signing in, so the script removes it.
///
/// `ARGV`: the id, the end of its session and the present time (unix seconds), the time to live of the index for this
/// session (ms). The index is kept for as long as the session that lives longest.
pub(super) static NOTE: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        r"
local kind = redis.call('TYPE', KEYS[1])['ok']
if kind ~= 'zset' and kind ~= 'none' then redis.call('DEL', KEYS[1]) end
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', ARGV[3])
local there = redis.call('ZSCORE', KEYS[1], ARGV[1])
if not there or tonumber(there) < tonumber(ARGV[2]) then
    redis.call('ZADD', KEYS[1], ARGV[2], ARGV[1])
end
if redis.call('PTTL', KEYS[1]) < tonumber(ARGV[4]) then
    redis.call('PEXPIRE', KEYS[1], ARGV[4])
end
return 1",
    )
});

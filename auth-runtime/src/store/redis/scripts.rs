//! What the server does as one step. Each script works on one key, so that it runs on a cluster too.

use std::sync::LazyLock;

use redis::Script;

/// Replaces a record that is still what was seen of it.
///
/// `ARGV`: what was seen, the new text, how long it is kept (ms). `nil`: there is none; 0: it is another one; 1: done; an
/// error of the server's own if a value of another type is there.
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

/// Puts one value in the place of another. In the place of a value of another type too, which is nobody's.
///
/// `ARGV`: whether one is expected, which; whether one is put there, which; how long it is kept (ms).
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

/// Notes an id in an index, and forgets those that have ended. Of several ends of one session the latest stays noted: of
/// those who write it at the same time, nobody knows who comes last. A value of another type in the place of an index
/// would keep its user from signing in, so it goes.
///
/// `ARGV`: the id, when it ends and what time it is (s), how long the index is kept for it (ms). Kept for as long as the
/// session that lives longest.
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

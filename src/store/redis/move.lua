-- Replaces wraps by those of another epoch. One that is no longer as it was read stays as it is.
-- KEYS: 1 all wraps by epoch
-- ARGV: 1 what the key of a wrap begins with, then for each: kind:reference, wrap as read, new wrap, its epoch
-- Gives how many were replaced.

local n_moved = 0
for at = 2, #ARGV, 4 do
  local key = ARGV[1] .. ARGV[at]
  if redis.call('GET', key) == ARGV[at + 1] then
    redis.call('SET', key, ARGV[at + 2])
    redis.call('ZADD', KEYS[1], ARGV[at + 3], ARGV[at])
    n_moved = n_moved + 1
  end
end
return n_moved

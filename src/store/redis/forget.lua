-- Destroys a case's contact, its original, their wraps and its link to the reporter.
-- KEYS: 1 contact, 2 original, 3 wrap of the contact, 4 wrap of the original, 5 all wraps by epoch, 6 links, 7 closures
-- ARGV: 1 reference, 2 what the key of a reporter begins with
-- Gives 1, or 0 when there was nothing.

local n_gone = redis.call('DEL', KEYS[1], KEYS[2], KEYS[3], KEYS[4])
redis.call('ZREM', KEYS[5], 'contact:' .. ARGV[1], 'original:' .. ARGV[1])
redis.call('HDEL', KEYS[7], ARGV[1])
local reporter = redis.call('HGET', KEYS[6], ARGV[1])
if reporter then
  redis.call('SREM', ARGV[2] .. reporter, ARGV[1])
  redis.call('HDEL', KEYS[6], ARGV[1])
  n_gone = n_gone + 1
end
return n_gone > 0 and 1 or 0

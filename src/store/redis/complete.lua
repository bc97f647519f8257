-- Takes a case out of its queue for good. Its record stays.
-- KEYS: 1 case
-- ARGV: 1 mediator, 2 token, 3 lease in ms, 4 what the key of a queue begins with
-- Gives 'ok', 'missing' or 'not_yours'.

-- Completing twice is no error: the first answer may have been lost.
local before = redis.call('HMGET', KEYS[1], 'completed', 'claims', 'completed_by')
if before[1] == '1' and before[2] == ARGV[2] and before[3] == ARGV[1] then return 'ok' end

local verdict, entry, queue = held(KEYS[1], ARGV[4], ARGV[1], ARGV[2], tonumber(ARGV[3]))
if verdict == 'ok' then
  redis.call('HSET', KEYS[1], 'completed', '1', 'completed_by', ARGV[1])
  redis.call('XACK', queue, GROUP, entry)
  redis.call('XDEL', queue, entry)
end
return verdict

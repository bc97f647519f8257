-- Puts a case back in its place. It stays pending, but as long idle as an abandoned one, so the next claim finds it first.
-- KEYS: 1 case
-- ARGV: 1 mediator, 2 token, 3 lease in ms, 4 what the key of a queue begins with
-- Gives 'ok', 'missing' or 'not_yours'.

-- Releasing twice is no error: the first answer may have been lost.
local before = redis.call('HMGET', KEYS[1], 'released', 'claims')
if before[1] == ARGV[2] and before[2] == ARGV[2] then return 'ok' end

local verdict, entry, queue = held(KEYS[1], ARGV[4], ARGV[1], ARGV[2], tonumber(ARGV[3]))
if verdict == 'ok' then
  -- A day, because another gateway may run with a longer lease.
  local idle_ms = math.max(tonumber(ARGV[3]), 86400000)
  redis.call('XCLAIM', queue, GROUP, ARGV[1], 0, entry, 'IDLE', string.format('%.0f', idle_ms), 'JUSTID')
  redis.call('HSET', KEYS[1], 'released', ARGV[2])
end
return verdict

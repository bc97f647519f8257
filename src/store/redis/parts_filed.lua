-- Notes that a message in parts has become a case, and deletes what the parts said.
-- KEYS: 1 the message's parts, 2 all messages whose parts wait
-- ARGV: 1 reference, 2 now in ms, 3 seconds to remember it, 4 the message's name in 2
-- Gives 'ok'.

local group = KEYS[1]
redis.call('ZREM', KEYS[2], ARGV[4])
if redis.call('HSETNX', group, 'reference', ARGV[1]) == 1 then redis.call('HSET', group, 'filed', ARGV[2]) end
for place = 0, tonumber(redis.call('HGET', group, 'total') or '0') - 1 do redis.call('HDEL', group, 'sealed:' .. place) end
redis.call('EXPIRE', group, ARGV[3])
return 'ok'

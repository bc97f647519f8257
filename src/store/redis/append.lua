-- Adds a message to a conversation, once.
-- KEYS: 1 case, 2 messages, 3 mark of this very request
-- ARGV: 1 record
-- Gives 'ok' or 'missing'.

if redis.call('EXISTS', KEYS[1]) == 0 then return 'missing' end
if redis.call('EXISTS', KEYS[3]) == 0 then
  redis.call('RPUSH', KEYS[2], ARGV[1])
  redis.call('SET', KEYS[3], '1', 'EX', 60)
end
return 'ok'

-- Reads a conversation.
-- KEYS: 1 case, 2 messages
-- ARGV: none
-- Gives the records, oldest first, or nothing when there is no such case.

if redis.call('EXISTS', KEYS[1]) == 0 then return false end
return redis.call('LRANGE', KEYS[2], 0, -1)

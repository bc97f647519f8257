-- Puts the announcement of an epoch in the place of another.
-- KEYS: 1 epoch
-- ARGV: 1 the announcement that should stand there, or nothing, 2 number, 3 announcement
-- Gives 1, or 0 when something else stands there.

local found = redis.call('HGET', KEYS[1], 'announcement') or ''
-- The connection broke after an earlier attempt at this very change.
if found == ARGV[3] then return 1 end
if found ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[1], 'number', ARGV[2], 'announcement', ARGV[3])
return 1

-- Starts a lease anew.
-- KEYS: 1 case
-- ARGV: 1 mediator, 2 token, 3 lease in ms, 4 what the key of a queue begins with
-- Gives 'ok', 'missing' or 'not_yours'.

local verdict, entry, queue = held(KEYS[1], ARGV[4], ARGV[1], ARGV[2], tonumber(ARGV[3]))
if verdict == 'ok' then redis.call('XCLAIM', queue, GROUP, ARGV[1], 0, entry, 'JUSTID') end
return verdict

-- Notes that a late part was added to its case.
-- KEYS: 1 the message's parts
-- ARGV: 1 place from zero, 2 delivery
-- Gives 'ok'.

if redis.call('EXISTS', KEYS[1]) == 1 then redis.call('HSETNX', KEYS[1], 'delivery:' .. ARGV[1], ARGV[2]) end
return 'ok'

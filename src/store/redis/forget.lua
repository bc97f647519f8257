-- Destroys a case's sealed contact and its link to the reporter.
-- KEYS: 1 contact
-- ARGV: 1 reference, 2 what the key of a reporter begins with
-- Gives 1, or 0 when there was nothing.

local reporter = redis.call('HGET', KEYS[1], 'reporter')
if reporter then redis.call('SREM', ARGV[2] .. reporter, ARGV[1]) end
return redis.call('DEL', KEYS[1])

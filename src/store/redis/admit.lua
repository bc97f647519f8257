-- Puts a held case into its queue. One that is not held stays where it is.
-- KEYS: 1 case, 2 cases in order of arrival, 3 and on: the queues, most urgent first
-- ARGV: 1 reference, 2 what the key of a queue begins with
-- Gives 'ok' or 'missing'.

local stored = redis.call('HMGET', KEYS[1], 'record', 'severity', 'held', 'hour')
if not stored[1] then return 'missing' end
if stored[3] ~= '1' then return 'ok' end
local arrival = redis.call('ZSCORE', KEYS[2], ARGV[1]) or '1'
local entry = enqueue(ARGV[2] .. stored[2], ARGV[1], stored[1], tonumber(stored[4] or '0'), tonumber(arrival))
if entry.err then return entry end
redis.call('HSET', KEYS[1], 'entry', entry)
redis.call('HDEL', KEYS[1], 'held', 'hour')
return 'ok'

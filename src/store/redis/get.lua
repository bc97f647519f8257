-- Reads one case.
-- KEYS: 1 case
-- ARGV: 1 what the key of a queue begins with, 2 lease in ms
-- Gives {record, standing, mediator}, or nothing when there is no such case.

local stored = redis.call('HMGET', KEYS[1], 'record', 'severity', 'entry', 'completed')
if not stored[1] or not stored[3] then return false end
local queue = ARGV[1] .. stored[2]
local stands, mediator = standing(queue, stored[3], stored[4], tonumber(ARGV[2]), last_delivered(queue))
return {stored[1], stands, mediator}

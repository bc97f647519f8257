-- Reads a stretch of cases in order of arrival.
-- KEYS: 1 cases
-- ARGV: 1 what the key of a case begins with, 2 what the key of a queue begins with, 3 lease in ms,
--       4 number to begin after, 5 most rows, 6 most cases to look at,
--       7 severity, 8 language, 9 standing; nothing means any
-- Gives {number of the last case looked at, whether there are more (1 or 0), rows of {number, record, standing, mediator}}.

local most_rows, most_looks = tonumber(ARGV[5]), tonumber(ARGV[6])
local members = redis.call('ZRANGEBYSCORE', KEYS[1], '(' .. ARGV[4], '+inf', 'WITHSCORES', 'LIMIT', 0, most_looks + 1)
local rows, delivered, last = {}, {}, ARGV[4]
local looks = 0
for at = 1, #members, 2 do
  if looks == most_looks or #rows == most_rows then return {last, 1, rows} end
  looks = looks + 1
  last = members[at + 1]
  local stored = redis.call('HMGET', ARGV[1] .. members[at], 'record', 'severity', 'language', 'entry', 'completed')
  local severity = stored[2]
  if stored[1] and stored[4] and (ARGV[7] == '' or severity == ARGV[7]) and (ARGV[8] == '' or stored[3] == ARGV[8]) then
    local queue = ARGV[2] .. severity
    delivered[severity] = delivered[severity] or last_delivered(queue)
    local stands, mediator = standing(queue, stored[4], stored[5], tonumber(ARGV[3]), delivered[severity])
    if ARGV[9] == '' or stands == ARGV[9] then rows[#rows + 1] = {last, stored[1], stands, mediator} end
  end
end
return {last, 0, rows}

-- Looks at a stretch of what is kept sealed: notes which cases are finished, and destroys what has been kept long enough.
-- KEYS: 1 all wraps by epoch, 2 closures, 3 links
-- ARGV: 1 how many to pass over, 2 most to look at, 3 today (days since 1970), 4 days to keep a contact, 5 an original,
--       6 what the key of a case begins with, 7 that of a queue, 8 lease in ms, 9 what every key begins with
-- Gives {how many were looked at, how many of them stay, contacts destroyed, originals destroyed}.

local today, tag = tonumber(ARGV[3]), ARGV[9]
local days = {contact = tonumber(ARGV[4]), original = tonumber(ARGV[5])}
local gone = {contact = 0, original = 0}
local delivered, n_stay = {}, 0
local members = redis.call('ZRANGE', KEYS[1], ARGV[1], ARGV[1] + ARGV[2] - 1)
for _, member in ipairs(members) do
  local kept, reference = member:match('^(%l+):(.+)$')
  local stored = redis.call('HMGET', ARGV[6] .. reference, 'severity', 'entry', 'completed')
  local stands = 'completed'
  if stored[1] and stored[2] then
    local queue = ARGV[7] .. stored[1]
    delivered[queue] = delivered[queue] or last_delivered(queue)
    stands = standing(queue, stored[2], stored[3], tonumber(ARGV[8]), delivered[queue])
  end
  local stays = true
  if stands == 'completed' then
    redis.call('HSETNX', KEYS[2], reference, ARGV[3])
    if tonumber(redis.call('HGET', KEYS[2], reference)) + days[kept] <= today then
      stays = false
      redis.call('DEL', tag .. ':wrap:' .. member, tag .. ':' .. kept .. ':' .. reference)
      redis.call('ZREM', KEYS[1], member)
      gone[kept] = gone[kept] + 1
      if kept == 'contact' then
        local reporter = redis.call('HGET', KEYS[3], reference)
        if reporter then redis.call('SREM', tag .. ':reporter:' .. reporter, reference) end
        redis.call('HDEL', KEYS[3], reference)
      end
      local other = kept == 'contact' and 'original:' or 'contact:'
      if not redis.call('ZSCORE', KEYS[1], other .. reference) then redis.call('HDEL', KEYS[2], reference) end
    end
  else
    redis.call('HDEL', KEYS[2], reference)
  end
  if stays then n_stay = n_stay + 1 end
end
return {#members, n_stay, gone.contact, gone.original}

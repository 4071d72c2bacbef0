--- `:Specql status` and `refresh`: which registry answers.
local M = {}

local function show(target, command)
  local status = require('specql.client').request(target, command)
  require('specql.notify').show(require('specql.status').sentence(status))
end

---@param target specql.Target
function M.run(_, target)
  show(target, 'registryStatus')
end

---@param target specql.Target
function M.refresh(_, target)
  show(target, 'refreshRegistry')
end

return M

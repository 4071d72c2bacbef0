--- What an entity file says about its entity, read from a buffer.
local M = {}

--- The scalar after a key, without quotes and comment.
---@param text string
---@return string?
local function scalar(text)
  text = vim.trim(text)
  local quoted = text:match("^'([^']*)'") or text:match('^"([^"]*)"')
  text = quoted or vim.trim((text:gsub('%s+#.*$', ''):gsub('^#.*$', '')))
  return text ~= '' and text or nil
end

--- The name and schema of a buffer's entity, each nil where it is not there.
---@param bufnr integer
---@return { name?: string, schema?: string, is_entity: boolean }
function M.read(bufnr)
  local found = { is_entity = false }
  local inside = false
  for _, line in ipairs(vim.api.nvim_buf_get_lines(bufnr, 0, -1, false)) do
    local key, value = line:match('^(%a+)%s*:(.*)$')
    local nested, nested_value = line:match('^%s+(%a+)%s*:(.*)$')
    if key == 'entity' then
      found.is_entity = true
      found.name = scalar(value)
      inside = found.name == nil
    elseif key == 'schema' then
      found.schema = scalar(value)
      inside = false
    elseif key then
      inside = false
    elseif inside and nested == 'name' and not found.name then
      found.name = scalar(nested_value)
    elseif inside and nested == 'schema' and not found.schema then
      found.schema = scalar(nested_value)
    end
  end
  return found
end

return M

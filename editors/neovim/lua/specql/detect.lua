--- Which buffers are SpecQL's, and which folder they belong to.
local M = {}

--- No entity file has so many lines before its first keys.
local LINES = 5000

--- The top-level keys of a registry YAML beside `domains`; other YAML files hardly ever have them.
local RULES = { schema_layers = true, reserved_codes = true, subdomain_inference = true }

--- The path of the registry YAML, relative to the root, as the settings have it.
---@return string
function M.registry_path()
  local config = vim.lsp.config.specql
  local path = vim.tbl_get(config or {}, 'settings', 'specql', 'registry', 'yamlPath')
  return type(path) == 'string' and path or 'registry/domain_registry.yaml'
end

--- The key that a line has at the top level of a YAML document.
---@param line string
---@return string?
local function top_level_key(line)
  local key, rest = line:match('^["\']?([%w_]+)["\']?%s*:(.*)$')
  if key and (rest == '' or rest:find('^%s')) then
    return key
  end
end

--- Whether one of some lines makes a file an entity file: a top-level key `entity`.
---@param lines string[]
---@return boolean
function M.has_entity(lines)
  for _, line in ipairs(lines) do
    if top_level_key(line) == 'entity' then
      return true
    end
  end
  return false
end

--- Whether a file is an action pattern (under `stdlib/actions`) or the service registry, by its path and its lines.
---
--- An empty file in such a place is to become one.
---@param path string
---@param lines string[]
---@return boolean
local function is_library(path, lines)
  if vim.endswith(path, '/registry/service_registry.yaml') then
    return true
  end
  if not path:find('/stdlib/actions/', 1, true) then
    return false
  end
  for _, line in ipairs(lines) do
    local key = top_level_key(line)
    if key == 'pattern' or key == 'parameters' or key == 'template' then
      return true
    end
  end
  return #lines == 0 or (#lines == 1 and lines[1] == '')
end

---@param lines string[]
---@return boolean
local function is_registry(lines)
  local domains, rules = false, false
  for _, line in ipairs(lines) do
    local key = top_level_key(line)
    domains = domains or key == 'domains'
    rules = rules or (key ~= nil and RULES[key] ~= nil)
  end
  return domains and rules
end

--- Whether a buffer holds an entity file, a registry, an action pattern or services.
---@param bufnr integer
---@param path? string its file, where that is not the buffer's name yet
---@return boolean
function M.is_specql(bufnr, path)
  local name = vim.fs.normalize(path or vim.api.nvim_buf_get_name(bufnr))
  if vim.endswith(name, '/' .. vim.fs.normalize(M.registry_path())) then
    return true
  end
  local lines = vim.api.nvim_buf_get_lines(bufnr, 0, LINES, false)
  return M.has_entity(lines) or is_registry(lines) or is_library(name, lines)
end

--- The nearest folder above a path that has a certain file.
---@param path string
---@param inside string a path relative to the folder
---@return string?
local function folder_with(path, inside)
  for folder in vim.fs.parents(path) do
    if vim.uv.fs_stat(vim.fs.joinpath(folder, inside)) then
      return folder
    end
  end
end

--- The root of a SpecQL buffer's workspace; nil for every other buffer.
---
--- It is the nearest folder with `specql-lsp.toml`, else the one with the registry YAML, else that of the repository,
--- else the file's own.
---@param bufnr integer
---@return string?
function M.root(bufnr)
  local path = vim.api.nvim_buf_get_name(bufnr)
  if path == '' or path:find('^%a[%w+.-]+://') or not M.is_specql(bufnr) then
    return nil
  end
  path = vim.fs.normalize(vim.fn.fnamemodify(path, ':p'))
  return folder_with(path, 'specql-lsp.toml')
    or folder_with(path, M.registry_path())
    or folder_with(path, '.git')
    or vim.fs.dirname(path)
end

return M

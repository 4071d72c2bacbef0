-- The configuration that vim.lsp.enable('specql') starts; vim.lsp.config('specql', { … }) adds to it.

---@type vim.lsp.Config
return {
  cmd = { 'specql-lsp' },
  -- SpecQL's files are yaml.specql, so that servers for plain YAML leave them alone; yaml is for those to which
  -- somebody gave that type themselves. root_dir looks into both.
  filetypes = { 'yaml.specql', 'yaml' },
  root_dir = function(bufnr, on_dir)
    local root = require('specql.detect').root(bufnr)
    if root then
      on_dir(root)
    end
  end,
  get_language_id = function()
    return 'yaml'
  end,
  settings = { specql = vim.empty_dict() },
  -- Said as rust-analyzer's clients say it: lenses and actions may call these commands of ours.
  capabilities = { experimental = { commands = { commands = { 'specql.showReferences', 'specql.chooseSubdomain' } } } },
  commands = {
    ['specql.showReferences'] = function(...)
      return require('specql.references').show(...)
    end,
    ['specql.chooseSubdomain'] = function(...)
      return require('specql.commands.allocate').choose_subdomain(...)
    end,
  },
  handlers = {
    ['specql/registryStatus'] = function(...)
      return require('specql.status').receive(...)
    end,
    ['window/showMessage'] = function(...)
      return require('specql.prompts').show_message(...)
    end,
    ['window/showMessageRequest'] = function(...)
      return require('specql.prompts').show_message_request(...)
    end,
  },
}

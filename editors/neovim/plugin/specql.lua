-- Everything that happens at the start: a filetype, three autocommands, one command. The rest is read when it is used.

if vim.g.loaded_specql then
  return
end
vim.g.loaded_specql = true

if vim.fn.has('nvim-0.11') == 0 then
  vim.notify('specql: this plugin needs Neovim 0.11 or later. README.md has a configuration for older ones.', 3)
  return
end

vim.filetype.add({
  pattern = {
    ['.*%.ya?ml'] = function(path, bufnr)
      if bufnr and vim.g.specql_enabled ~= false and require('specql.detect').is_specql(bufnr, path) then
        return 'yaml.specql'
      end
    end,
  },
})

vim.api.nvim_create_user_command('Specql', function(command)
  require('specql.commands').run(command)
end, {
  nargs = '*',
  range = true,
  desc = "SpecQL's registry: allocate, compare, look up",
  complete = function(lead, line, position)
    return require('specql.commands').complete(lead, line, position)
  end,
})

if vim.g.specql_enabled == false then
  return
end

local group = vim.api.nvim_create_augroup('specql', {})
vim.api.nvim_create_autocmd('FileType', {
  group = group,
  pattern = 'yaml',
  desc = 'Notice when a YAML buffer becomes an entity file while somebody types',
  callback = function(event)
    require('specql.typing').watch(event.buf)
  end,
})
vim.api.nvim_create_autocmd('FileType', {
  group = group,
  pattern = 'yaml.specql',
  desc = 'Say when the language server is not installed',
  callback = function()
    require('specql.server').warn_when_missing()
  end,
})
vim.api.nvim_create_autocmd('BufWritePost', {
  group = group,
  pattern = { '*.yaml', '*.yml', 'specql-lsp.toml' },
  desc = 'Tell the language server what was written, where Neovim watches no files for it',
  callback = function(event)
    require('specql.server').written(event.buf)
  end,
})

vim.lsp.enable('specql')

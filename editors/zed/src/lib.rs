//! Starts specql-lsp for Zed and hands it the settings that stand below `lsp.specql-lsp` in Zed's.

use zed_extension_api::{
    self as zed, serde_json, settings::LspSettings, Command, LanguageServerId, Result, Worktree,
};

/// The program, as it is called where it is installed.
const PROGRAM: &str = "specql-lsp";
/// The section that the server asks its settings by.
const SECTION: &str = "specql";

struct SpecqlExtension;

impl zed::Extension for SpecqlExtension {
    fn new() -> Self {
        SpecqlExtension
    }

    /// The program of the settings (`binary`), else the one on the path of the worktree's shell.
    fn language_server_command(
        &mut self,
        language_server_id: &LanguageServerId,
        worktree: &Worktree,
    ) -> Result<Command> {
        let binary = LspSettings::for_worktree(language_server_id.as_ref(), worktree)
            .ok()
            .and_then(|settings| settings.binary);
        let (path, arguments) = match binary {
            Some(binary) => (binary.path, binary.arguments),
            None => (None, None),
        };
        let command = path.or_else(|| worktree.which(PROGRAM)).ok_or_else(|| {
            format!("{PROGRAM} is not on the path. Install it, or set lsp.{PROGRAM}.binary.path.")
        })?;
        Ok(Command {
            command,
            args: arguments.unwrap_or_default(),
            env: worktree.shell_env(),
        })
    }

    fn language_server_initialization_options(
        &mut self,
        language_server_id: &LanguageServerId,
        worktree: &Worktree,
    ) -> Result<Option<serde_json::Value>> {
        Ok(
            LspSettings::for_worktree(language_server_id.as_ref(), worktree)?
                .initialization_options,
        )
    }

    fn language_server_workspace_configuration(
        &mut self,
        language_server_id: &LanguageServerId,
        worktree: &Worktree,
    ) -> Result<Option<serde_json::Value>> {
        let settings = LspSettings::for_worktree(language_server_id.as_ref(), worktree)?.settings;
        Ok(settings.map(|settings| serde_json::json!({ SECTION: settings })))
    }
}

zed::register_extension!(SpecqlExtension);

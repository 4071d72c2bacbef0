#!/usr/bin/env bash
# Installs code-server, VS Code's workbench as a web server, for the end-to-end tests: from npm, compiled where npm's
# packages would download a binary. What it takes of Debian's packages, `.ci/system-packages vscode` installs.
#
#   scripts/code-server.sh FOLDER     does nothing where the folder holds it already
set -euo pipefail

VERSION=4.100.3
folder=$1
marker=$folder/.ready-$VERSION
[ -e "$marker" ] && exit 0

command -v rg > /dev/null || { echo "code-server needs ripgrep (rg): .ci/system-packages vscode installs it." >&2; exit 1; }
log=$folder.log
echo "Installing code-server $VERSION for the tests ($log) ..."
rm -rf "$folder"
mkdir -p "$folder"
trap 'status=$?; [ $status -eq 0 ] || { echo "code-server could not be installed; the end of $log:" >&2; tail -n 40 "$log" >&2; }' EXIT
exec 3>&1 > "$log" 2>&1

node_home=$(dirname "$(dirname "$(readlink -f "$(command -v node)")")")
[ -e "$node_home/include/node/node.h" ] && export npm_config_nodedir=$node_home
quiet=(--no-audit --no-fund --no-update-notifier)

cd "$folder"
echo '{"private": true}' > package.json
npm install "${quiet[@]}" --ignore-scripts "code-server@$VERSION"
server=$folder/node_modules/code-server
vscode=$server/lib/vscode
(cd "$vscode" && npm install "${quiet[@]}" --ignore-scripts --omit=dev)
# node-pty's own script ends with an error after what it is for is done, and would end the others' with it.
(cd "$vscode" && npm rebuild "${quiet[@]}" node-pty) || true
(cd "$vscode" && npm rebuild "${quiet[@]}" @vscode/spdlog @parcel/watcher native-watchdog kerberos)
for addon in node-pty @vscode/spdlog @parcel/watcher native-watchdog kerberos; do
    (cd "$vscode" && node -e "require('$addon')") || { echo "$addon cannot be loaded."; exit 1; }
done
(cd "$vscode/extensions" && npm install "${quiet[@]}" --ignore-scripts --omit=dev)
argon2=$folder/node_modules/argon2
[ -d "$argon2" ] || argon2=$server/node_modules/argon2
(cd "$argon2" && npx --no-install node-pre-gyp rebuild --build-from-source)
mkdir -p "$vscode/node_modules/@vscode/ripgrep/bin"
ln -sf "$(command -v rg)" "$vscode/node_modules/@vscode/ripgrep/bin/rg"
node "$server/out/node/entry.js" --version
touch "$marker"

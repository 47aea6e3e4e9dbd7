#!/usr/bin/env bash
# Compiles the Bicep and fails on any error or warning: bash infra/compile.sh [file for the ARM template]
#
# The compiler comes from NuGet, in one fixed version, and is kept in .local/bicep. Where it cannot be had this says so in
# one line and succeeds, unless BICEP_REQUIRED is set; the file is then not written. BICEP names another compiler.
set -euo pipefail

if [ "${1:-}" = --help ]; then
  sed -n '2,/^[^#]/s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"
  exit
fi

readonly version=0.49.2
infra=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
readonly infra
readonly cache="$infra/../.local/bicep"
work=$(mktemp -d)
readonly work
trap 'rm -rf "$work"' EXIT
export DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1 DOTNET_BUNDLE_EXTRACT_BASE_DIR="$cache/extract"
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1

without_compiler() {
  echo "Bicep not compiled: $1."
  [ -z "${BICEP_REQUIRED:-}" ]
  exit
}

# A project that only downloads the package; fetching and unpacking is what `dotnet restore` is good at.
fetch() {
  cat >"$work/fetch.csproj" <<XML
<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup>
    <TargetFramework>netstandard2.0</TargetFramework>
    <DisableImplicitFrameworkReferences>true</DisableImplicitFrameworkReferences>
  </PropertyGroup>
  <ItemGroup>
    <PackageDownload Include="Azure.Bicep.CommandLine.linux-x64" Version="[$version]" />
  </ItemGroup>
</Project>
XML
  timeout 150 dotnet restore "$work/fetch.csproj" --packages "$cache" >"$work/log" 2>&1
}

compiler=${BICEP:-$cache/azure.bicep.commandline.linux-x64/$version/tools/bicep}
# Several of these may start at once: one fetches the compiler, the others wait until it is whole.
mkdir -p "$cache"
exec 9>"$cache/lock"
! command -v flock >/dev/null || flock 9
if [ ! -f "$compiler" ]; then
  [ -z "${BICEP:-}" ] || without_compiler "there is no file $BICEP"
  [ "$(uname -s)-$(uname -m)" = Linux-x86_64 ] || without_compiler 'the compiler is fetched for Linux x64 only'
  command -v dotnet >/dev/null || without_compiler 'dotnet, which fetches the compiler, is not installed'
  fetch || without_compiler "the compiler could not be fetched ($(tail -n 1 "$work/log"))"
  chmod +x "$compiler"
fi
exec 9>&-

# The parameter files read these from the environment; the values only have to be there.
export AUTHSCAPE_API_URL=https://api.example AUTHSCAPE_IDP_URL=https://idp.example
export AUTHSCAPE_CLIENT_ID=sample ALERT_EMAIL=sample@example.com
unset AUTHSCAPE_SIGN_IN ADMINISTRATOR_TYPE

# On a copy: what the parameter files compile to is written beside them.
cp -R "$infra/main.bicep" "$infra/app" "$infra/parameters" "$work"
ok=true
run() {
  "$compiler" "$@" 2>"$work/messages" || ok=false
  # Warnings leave the exit code at 0.
  if [ -s "$work/messages" ]; then
    sed "s|$work|$infra|g" "$work/messages" >&2
    ok=false
  fi
}
run build "$work/main.bicep"
run build-params --pattern "$work/parameters/*.bicepparam"
$ok || exit 1
[ $# -eq 0 ] || cp "$work/main.json" "$1"
echo "Compiled by Bicep $version without errors or warnings."

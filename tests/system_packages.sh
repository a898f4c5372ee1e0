#!/bin/sh
# The programs of other projects that tests run. All there: says nothing. Root on Debian: installs what is missing.
# Otherwise names what is missing; in CI (CI=true) that is a failure, elsewhere the tests that need it are skipped.
set -u

programs='softhsm2-util  softhsm2          software HSMs, for one key in every HSM
dnssec-signzone  bind9-utils       an independent signer and validator of zones (BIND)
ldns-verify-zone ldnsutils         an independent validator of zones (ldns)
kzonesign        knot-dnssecutils  an independent signer and validator of zones (Knot)
validns          validns           an independent validator of zones signed with RSA
knotd            knot              a name server that zones are transferred from, also in halt drills (Knot)
nsd              nsd               the same, and a verifier in line (NSD)
setpriv          util-linux        ends the servers of a drill with the drill
unbound          unbound           what a validating resolver makes of a zone
named            bind9             the same (BIND)
systemd-analyze  systemd           checks the drop-in that guards the start of a signer
ssh-keygen       openssh-client    sign-offs with SSH keys
node             nodejs            a second Sigstore verifier; linters of CI templates
npm              npm               their packages
rsync            rsync             GitLab pipelines, executed here
java             openjdk-17-jre-headless  the linter of the Jenkins templates
jq               jq                provenance in the GitLab templates
cc               build-essential   a PKCS#11 module that crashes and hangs, compiled for the tests'

missing() {
    echo "$programs" | while read -r program package purpose; do
        command -v "$program" >/dev/null || echo "$program $package $purpose"
    done
}

packages() {
    missing | cut -d ' ' -f 2 | tr '\n' ' '
}

[ -n "$(missing)" ] || exit 0

if [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null; then
    # shellcheck disable=SC2046 # one word per package
    { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $(packages); } >&2
    [ -n "$(missing)" ] || exit 0
fi

missing | while read -r program package purpose; do
    echo "missing: $program (Debian package $package): $purpose" >&2
done
echo "install with:  sudo apt-get install --no-install-recommends $(packages)" >&2
[ "${CI:-}" != true ]

// Shared library: signerGate(mode: 'issue', env: [GATE_REQUEST: 'request.yaml', ...]). It adds nothing to gate.sh.
def call(Map arguments) {
    def mode = arguments.mode
    if (!(mode in ['evaluate', 'issue', 'verify'])) {
        error 'signerGate: mode is evaluate, issue or verify'
    }
    def settings = (arguments.env ?: [:]).collect { name, value -> name + '=' + value }
    withEnv(settings + ['GATE_SYSTEM=jenkins', 'GATE_MODE=' + mode]) {
        sh 'exec gate.sh "$GATE_MODE"'
    }
}

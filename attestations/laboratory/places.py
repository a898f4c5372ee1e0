"""Where things lie in the folder of a laboratory."""

SOFTWARE_FOLDER, SOFTHSM_FOLDER = "tokens", "softhsm"
ZONE_FILE, DNSKEY_FILE, DS_FILE = "zone.signed", "dnskey.zone", "ds.zone"
ENVIRONMENT_FILE, EXERCISES_FILE = "environment.yaml", "exercises.json"
AGENT_FILE, AWAY_FILE, BACK_FILE = "rollover-agent", "hsm-away", "hsm-back"

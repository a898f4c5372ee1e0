"""Drives a rollover agent through rollovers and observes every HSM after each step. The agent is never believed."""

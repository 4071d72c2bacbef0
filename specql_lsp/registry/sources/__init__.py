"""The places a registry can be read from. Each either gives a whole snapshot or says why it cannot."""

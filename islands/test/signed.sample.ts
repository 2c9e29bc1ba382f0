// Made by tests/unit/test_signing.py, which fails where Python would write another: the private half is the bytes 0 to 31 and signs nothing else.
export const KEY = { id: "56475AA7", key: "03a107bff3ce10be1d70dd18e74bc09967e4d6309ba50d5f1ddc8664125531b8", since: 0, until: null };
export const PASS = "BULOU1:56475AA7:AAAQEAYEAUDAO:20260601T0000Z:20260601T1200Z:510117/*:3F:TA33HZT2W5OJMNMJZYCKOOFQKQAZIB3NWQMTD2VXS3CWJ62NJDH32GDY4IHT2N5K2QOPC2KLOPFYAK4HJ655ZCM5UQHOUJHTETKDQCI";
export const SAID = "001X";

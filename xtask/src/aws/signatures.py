"""Answers each line of JSON with what botocore signs: a token, or the headers of a request."""
import datetime
import json
import sys
from unittest import mock

import boto3
import botocore.auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

for line in sys.stdin:
    case = json.loads(line)
    moment = datetime.datetime.fromtimestamp(case["seconds"], datetime.timezone.utc)
    moment = moment.replace(tzinfo=None)
    keys = (case["id"], case["secret"], case["token"])
    with mock.patch("botocore.auth.get_current_datetime", lambda *a, **k: moment):
        if "body" in case:
            request = AWSRequest(
                method="POST", url=case["url"], data=case["body"], headers=case["headers"]
            )
            signer = botocore.auth.SigV4Auth(Credentials(*keys), case["service"], case["region"])
            signer.add_auth(request)
            print(request.headers["Authorization"], flush=True)
        else:
            session = boto3.Session(*keys, region_name=case["region"])
            print(
                session.client("rds").generate_db_auth_token(
                    case["host"], case["port"], case["user"], case["region"]
                ),
                flush=True,
            )

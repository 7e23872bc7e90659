"""Prepares at moto what undrift only asks for: tells two subnets, and keeps a secret."""
import json
import sys

import boto3

keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
place = {"endpoint_url": sys.argv[1], "region_name": "us-east-1", **keys}
secret = {"username": "root", "password": "password1", "host": "db.example", "port": 5432}
boto3.client("secretsmanager", **place).create_secret(Name="app", SecretString=json.dumps(secret))
subnets = boto3.client("ec2", **place).describe_subnets()["Subnets"]
print(*[subnet["SubnetId"] for subnet in subnets[:2]])

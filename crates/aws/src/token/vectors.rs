/// A token that botocore made.
struct Vector {
    host: &'static str,
    port: u16,
    user: &'static str,
    region: &'static str,
    seconds: u64,
    access_key_id: &'static str,
    secret_access_key: &'static str,
    session_token: Option<&'static str>,
    token: &'static str,
}

const VECTORS: &[Vector] = &[
    Vector {
        host: "app.c1a2b3c4d5e6.eu-west-1.rds.amazonaws.com",
        port: 5432,
        user: "migrator",
        region: "eu-west-1",
        seconds: 1_790_000_000,
        access_key_id: "AKIDEXAMPLE",
        secret_access_key: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
        session_token: None,
        token: "app.c1a2b3c4d5e6.eu-west-1.rds.amazonaws.com:5432/?Action=connect&DBUser=migrator&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE%2F20260921%2Feu-west-1%2Frds-db%2Faws4_request&X-Amz-Date=20260921T141320Z&X-Amz-Expires=900&X-Amz-SignedHeaders=host&X-Amz-Signature=9ecaee54948c911b0c2d199ef0dffbc555de240e3e261bd02f02453745d296c0",
    },
    Vector {
        host: "db.cluster-c1a2b3c4d5e6.us-gov-west-1.rds.amazonaws.com",
        port: 6543,
        user: "o'brien@corp /x+y ü",
        region: "us-gov-west-1",
        seconds: 1_790_086_399,
        access_key_id: "ASIDEXAMPLE",
        secret_access_key: "secret",
        session_token: Some("FwoG//+==ab/ab/ab/ab/ab/ab/ab/ab/ab/ab/ab/ab/ab/ab/ab/ab/ab/ab/ab/ab/"),
        token: "db.cluster-c1a2b3c4d5e6.us-gov-west-1.rds.amazonaws.com:6543/?Action=connect&DBUser=o%27brien%40corp%20%2Fx%2By%20%C3%BC&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=ASIDEXAMPLE%2F20260922%2Fus-gov-west-1%2Frds-db%2Faws4_request&X-Amz-Date=20260922T141319Z&X-Amz-Expires=900&X-Amz-SignedHeaders=host&X-Amz-Security-Token=FwoG%2F%2F%2B%3D%3Dab%2Fab%2Fab%2Fab%2Fab%2Fab%2Fab%2Fab%2Fab%2Fab%2Fab%2Fab%2Fab%2Fab%2Fab%2Fab%2Fab%2Fab%2Fab%2Fab%2F&X-Amz-Signature=6349dfcdda5499792d4dfad13d40164c1fd02cf097b4f53a26ab8260a96b2d4a",
    },
    Vector {
        host: "p.proxy-c1a2b3c4d5e6.cn-north-1.rds.amazonaws.com.cn",
        port: 443,
        user: "u",
        region: "cn-north-1",
        seconds: 1_767_225_600,
        access_key_id: "A",
        secret_access_key: "s",
        session_token: None,
        token: "p.proxy-c1a2b3c4d5e6.cn-north-1.rds.amazonaws.com.cn:443/?Action=connect&DBUser=u&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=A%2F20260101%2Fcn-north-1%2Frds-db%2Faws4_request&X-Amz-Date=20260101T000000Z&X-Amz-Expires=900&X-Amz-SignedHeaders=host&X-Amz-Signature=63a92f05d0ca205dfb23ac71e147ed0a013e5865a3f6c986fe1781e9bbacc272",
    },
];

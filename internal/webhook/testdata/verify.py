import base64, hashlib, hmac, time

def verify(secret, headers, body, now=time.time):
    """body: the bytes as they came; secret: whsec_... as enqueue printed it."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    message = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    good = "v1," + base64.b64encode(hmac.new(key, message, hashlib.sha256).digest()).decode()
    if not any(hmac.compare_digest(good, s) for s in headers["webhook-signature"].split()):
        raise ValueError("not signed with this secret")
    if abs(now() - int(headers["webhook-timestamp"])) > 300:
        raise ValueError("too old, or from the future")

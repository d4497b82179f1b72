/** What the script for the signature asks for and browsers learnt only after the oldest one that it serves. */
if (!Object.hasOwn) Object.hasOwn = (object, name) => Object.prototype.hasOwnProperty.call(object, name)

/** What encodes and decodes pictures. By `require`, as its ES module holds an import attribute, which Node knows from 20.10 on. */

import sharp = require("sharp");

export { sharp };

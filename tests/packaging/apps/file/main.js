import "azure-image-client/inline";
import "./page.js";

/**
 * The error answers of Azure, one for each body that is known from a page, a specification or a dump of real traffic.
 *
 * The names are those of the scenario `error=<name>`. A string is a body that is not JSON.
 */

/** An error answer as Azure sends it. */
export interface ErrorSample {
  readonly status: number;
  /** Headers beyond those that every answer carries. */
  readonly headers?: Readonly<Record<string, string>>;
  /** A JSON value, or the text of a body that is not JSON. */
  readonly body: unknown;
}

/** Every known error answer by name. */
export const errorSamples = {
  "400-agent-deprecated": {
    status: 400,
    body: {
      error: {
        code: "invalid_payload",
        message: "The 'agent' property is deprecated. Use 'agent_reference' instead. [Request ID: 7eb620aba99679e1848200adaf7f69c0]",
        param: "agent",
        type: "invalid_request_error",
        details: [],
        additionalInfo: { request_id: "7eb620aba99679e1848200adaf7f69c0" },
      },
    },
  },
  "400-api-version-unsupported": {
    status: 400,
    body: { error: { code: "BadRequest", message: "API version not supported" } },
  },
  "400-cancel-not-background": {
    status: 400,
    body: {
      error: {
        message: "Cannot cancel a synchronous response.",
        type: "invalid_request_error",
        param: null,
        code: null,
      },
    },
  },
  "400-content-filter-responses": {
    status: 400,
    body: {
      error: {
        message:
          "The response was filtered due to the prompt triggering Azure OpenAI's content management policy. Please modify your prompt and retry. To learn more about our content filtering policies please read our documentation: https://go.microsoft.com/fwlink/?linkid=2198766",
        type: null,
        param: "prompt",
        code: "content_filter",
        status: 400,
        innererror: {
          code: "ResponsibleAIPolicyViolation",
          content_filter_result: {
            hate: { filtered: false, severity: "safe" },
            self_harm: { filtered: false, severity: "safe" },
            sexual: { filtered: false, severity: "safe" },
            violence: { filtered: true, severity: "high" },
            jailbreak: { filtered: false, detected: false },
          },
        },
      },
    },
  },
  "400-content-policy-violation": {
    status: 400,
    body: {
      error: {
        code: "content_policy_violation",
        message: "Your request was rejected as a result of our safety system. Your prompt may contain text that is not allowed by our safety system.",
        param: null,
        type: "invalid_request_error",
        inner_error: {
          code: "ResponsibleAIPolicyViolation",
          content_filter_results: {
            hate: { filtered: false, severity: "safe" },
            self_harm: { filtered: false, severity: "safe" },
            sexual: { filtered: false, severity: "safe" },
            violence: { filtered: true, severity: "medium" },
            jailbreak: { filtered: false, detected: false },
            profanity: { filtered: false, detected: false },
          },
          revised_prompt: "A violent scene",
        },
      },
    },
  },
  "400-content-safety-violation-output": {
    status: 400,
    body: {
      error: {
        code: "content_safety_violation",
        message: "Response content blocked by label 'MultiSeverity_ViolenceScore'.",
        details: "Response content blocked by label 'MultiSeverity_ViolenceScore'.",
      },
    },
  },
  "400-content-safety-violation-prompt": {
    status: 400,
    body: {
      error: {
        code: "content_safety_violation",
        message: "Content violated RAI policy blocking criteria (BingBlockList_Prompt).",
      },
    },
  },
  "400-contentFilter-output": {
    status: 400,
    body: {
      created: 1698435368,
      error: {
        code: "contentFilter",
        message: "Generated image was filtered as a result of our safety system.",
      },
    },
  },
  "400-contentFilter-prompt": {
    status: 400,
    body: {
      created: 1698435368,
      error: { code: "contentFilter", message: "Your task failed as a result of our safety system." },
    },
  },
  "400-foundry-schema": {
    status: 400,
    body: {
      error: {
        code: "invalid_payload",
        message: "The provided data does not match the expected schema",
        param: "/",
        type: "invalid_request_error",
        details: [],
        additionalInfo: { request_id: "7eb620aba99679e1848200adaf7f69c0" },
      },
    },
  },
  "400-generic-inputs": {
    status: 400,
    body: {
      error: {
        message: "There was an issue with your request. Please check your inputs and try again",
        type: "invalid_request_error",
        param: null,
        code: null,
      },
    },
  },
  "400-imagegen-streaming-unsupported": {
    status: 400,
    body: {
      error: {
        message: "ImageGen as a tool is not supported in streaming mode.",
        type: "invalid_request_error",
        param: "stream",
        code: null,
      },
    },
  },
  "400-invalid-input-fidelity-model": {
    status: 400,
    body: {
      error: {
        message: "The model 'gpt-image-2' does not support the 'input_fidelity' parameter.",
        type: "invalid_request_error",
        param: "input_fidelity",
        code: "invalid_input_fidelity_model",
      },
    },
  },
  "400-invalid-size-enum": {
    status: 400,
    body: {
      error: {
        message: "Invalid value: '2048x2048'. Supported values are: '1024x1024', '1024x1536', '1536x1024', and 'auto'.",
        type: "invalid_request_error",
        param: "size",
        code: "invalid_value",
      },
    },
  },
  "400-invalid-size": {
    status: 400,
    body: {
      error: {
        message: "Invalid size '4096x4096'. The longest edge must be less than or equal to 3840.",
        type: "invalid_request_error",
        param: "size",
        code: "invalid_value",
      },
    },
  },
  "400-missing-image-deployment": {
    status: 400,
    body: {
      error: {
        message: "imagegen deployment must be provided through header: x-ms-oai-image-generation-deployment",
        type: "image_generation_user_error",
        param: "tools",
        code: "invalid_request_error",
      },
    },
  },
  "400-model-does-not-exist": {
    status: 400,
    body: {
      error: {
        message: "The model 'my-deployment' does not exist.",
        type: "image_generation_user_error",
        param: "model",
        code: "invalid_value",
      },
    },
  },
  "400-moderation-blocked": {
    status: 400,
    body: {
      error: {
        message:
          "Your request was rejected by the safety system. If you believe this is an error, contact us at help.openai.com and include the request ID req_0000.",
        type: "image_generation_user_error",
        param: null,
        code: "moderation_blocked",
        moderation_details: { moderation_stage: "output", categories: ["violence"] },
      },
    },
  },
  "400-not-allowed-with-agent": {
    status: 400,
    body: {
      error: {
        code: "invalid_payload",
        message: "Not allowed when agent is specified.",
        param: "tools",
        type: "invalid_request_error",
        details: [],
        additionalInfo: { request_id: "7eb620aba99679e1848200adaf7f69c0" },
      },
    },
  },
  "400-request-moderated": {
    status: 400,
    body: { error: { code: "BadRequest", message: "Request Moderated" } },
  },
  "400-unknown-model": {
    status: 400,
    body: {
      error: {
        message: "Unknown model: gpt-image-2",
        type: "invalid_request_error",
        param: "model",
        code: null,
      },
    },
  },
  "400-unknown-parameter": {
    status: 400,
    body: {
      error: {
        message: "Unknown parameter: 'response_format'.",
        type: "invalid_request_error",
        param: "response_format",
        code: "unknown_parameter",
      },
    },
  },
  "400-unsupported-content-type": {
    status: 400,
    body: {
      error: {
        message:
          "Unsupported content type: 'multipart/form-data'. This API method only accepts 'application/json' requests, but you specified the header 'Content-Type: multipart/form-data'.",
        type: "invalid_request_error",
        param: null,
        code: "unsupported_content_type",
      },
    },
  },
  "400-unsupported-mimetype": {
    status: 400,
    body: {
      error: {
        message:
          "Invalid file 'image': unsupported mimetype ('application/octet-stream'). Supported file formats are 'image/jpeg', 'image/png', and 'image/webp'.",
        type: "invalid_request_error",
        param: "image",
        code: "unsupported_file_mimetype",
      },
    },
  },
  "400-unsupported-request-value": {
    status: 400,
    body: {
      error: {
        code: "unsupported_request_value",
        message: "Model does not support request parameter value supplied: 'width' must be at least 768 pixels.",
      },
    },
  },
  "401-invalid-key": {
    status: 401,
    body: {
      error: {
        code: "401",
        message:
          "Access denied due to invalid subscription key or wrong API endpoint. Make sure to provide a valid key for an active subscription and use a correct regional API endpoint for your resource.",
      },
    },
  },
  "401-permission-denied-foundry": {
    status: 401,
    body: {
      error: {
        code: "PermissionDenied",
        message:
          "The principal `00000000-0000-0000-0000-000000000000` lacks the required data action `Microsoft.CognitiveServices/accounts/AIServices/agents/read` to perform `GET /api/projects/{projectName}/agents` operation. For instructions on granting the necessary permissions, see https://aka.ms/FoundryPermissions.",
      },
    },
  },
  "401-permission-denied": {
    status: 401,
    body: {
      error: { code: "PermissionDenied", message: "Principal does not have access to API/Operation." },
    },
  },
  "401-token-audience": {
    status: 401,
    body: {
      statusCode: 401,
      message: "Unauthorized. Access token is missing, invalid, audience is incorrect (https://cognitiveservices.azure.com), or have expired.",
    },
  },
  "403-account-blocked": {
    status: 403,
    body: {
      error: {
        code: "Forbidden",
        message: "Your resource has been temporarily blocked because we detected behavior that may violate our content policy.",
      },
    },
  },
  "403-key-auth-disabled": {
    status: 403,
    body: {
      error: {
        code: "AuthenticationTypeDisabled",
        message: "Key based authentication is disabled for this resource.",
      },
    },
  },
  "403-network": {
    status: 403,
    headers: { "policy-id": "ThrowExceptionDueToTrafficDenied" },
    body: { error: { code: "403", message: "Access denied due to Virtual Network/Firewall rules." } },
  },
  "403-vnet-endpoint": {
    status: 403,
    body: {
      error: {
        code: "403",
        message:
          "A Virtual Network is configured for this resource. Please use the correct endpoint for making requests. Check https://aka.ms/cogsvc-vnet for more details.",
      },
    },
  },
  "404-agent-not-found": {
    status: 404,
    body: {
      error: {
        code: "not_found",
        message: "Agent image-agent not found.",
        param: null,
        type: "invalid_request_error",
        details: [],
        additionalInfo: { request_id: "7eb620aba99679e1848200adaf7f69c0" },
      },
    },
  },
  "404-deployment-not-found": {
    status: 404,
    body: {
      error: {
        code: "DeploymentNotFound",
        message:
          "The API deployment for this resource does not exist. If you created the deployment within the last 5 minutes, please wait a moment and try again.",
      },
    },
  },
  "404-resource-not-found": {
    status: 404,
    body: { error: { code: "404", message: "Resource not found" } },
  },
  "404-response-not-found": {
    status: 404,
    body: {
      error: {
        message: "Response with id 'resp_none' not found.",
        type: "invalid_request_error",
        param: "response_id",
        code: null,
      },
    },
  },
  "408-timeout": {
    status: 408,
    body: { error: { code: "Timeout", message: "The operation was timeout." } },
  },
  "409-conflict": {
    status: 409,
    body: {
      error: {
        code: "conflict",
        message: "The resource already exists or was modified concurrently. Please retry.",
        type: "error",
        param: null,
        details: [],
        additionalInfo: { request_id: "97eed38ed44d9f9d0031f1b283f7f000" },
      },
    },
  },
  "413-too-large": {
    status: 413,
    body: { error: { code: "413", message: "Request body too large" } },
  },
  "429-rate-limit-classic": {
    status: 429,
    headers: { "retry-after": "18", "x-ratelimit-reset-requests": "18" },
    body: {
      error: {
        code: "429",
        message:
          "Requests to the ImageGenerations_Create Operation under Azure OpenAI API version 2025-04-01-preview have exceeded call rate limit of your current AIServices S0 pricing tier. Please retry after 18 seconds. Please go here: https://aka.ms/oai/quotaincrease if you would like to further increase the default rate limit.",
      },
    },
  },
  "429-rate-limit-no-hint": {
    status: 429,
    body: {
      error: {
        code: "RateLimitReached",
        message: "Your requests to MAI-Image-2.6 for MAI-Image-2.6 in westus3 have exceeded rate limit.",
      },
    },
  },
  "429-rate-limit-reached": {
    status: 429,
    body: {
      error: {
        code: "RateLimitReached",
        message:
          "Your requests to gpt-image-1.5 for gpt-image-1.5 in East US 2 have exceeded the token rate limit for your current AIServices S0 pricing tier. This request was for ImageGenerations_Create under Azure OpenAI API version v1. Please retry after 42 seconds. To increase your default rate limit, visit: https://aka.ms/oai/quotaincrease.",
      },
    },
  },
  "429-too-many-requests": {
    status: 429,
    headers: { "retry-after": "5", "retry-after-ms": "5000" },
    body: {
      error: {
        code: "too_many_requests",
        message: "Too Many Requests",
        type: "too_many_requests",
        param: null,
      },
    },
  },
  "500-internal": {
    status: 500,
    body: {
      error: {
        message: "The server had an error while processing your request. Sorry about that!",
        type: "server_error",
        param: null,
        code: null,
      },
    },
  },
  "502-not-json": {
    status: 502,
    headers: { "content-type": "text/html" },
    body: "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad Gateway</h1></center>\r\n</body>\r\n</html>\r\n",
  },
  "503-busy": {
    status: 503,
    headers: { "retry-after": "10" },
    body: {
      error: {
        code: "ServiceUnavailable",
        message: "The server is currently overloaded with other requests. Please retry after 10 seconds.",
      },
    },
  },
  "504-empty": {
    status: 504,
    body: "",
  },
} satisfies Record<string, ErrorSample>;

/** The name of a known error answer. */
export type ErrorSampleName = keyof typeof errorSamples;

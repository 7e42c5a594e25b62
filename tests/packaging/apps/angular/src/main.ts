import { Component, signal } from "@angular/core";
import { bootstrapApplication } from "@angular/platform-browser";
import { AzureImageClient } from "azure-image-client";

@Component({
  selector: "app-root",
  template: `
    <button (click)="generate()">Generate</button>
    <output>{{ partialImages() }}</output>
    <img alt="" [src]="url()" />
  `,
})
class App {
  readonly partialImages = signal(0);
  readonly url = signal("data:,");

  async generate() {
    const endpoint = new URLSearchParams(location.search).get("endpoint") ?? "/";
    const client = new AzureImageClient(endpoint, { key: "simulator-key" }, { deployment: "gpt-image-1" });
    for await (const { type, image } of client.generateStream({ prompt: "a lake", partialImages: 2 })) {
      this.url.set(image.objectUrl);
      if (type === "partialImage") this.partialImages.update((count) => count + 1);
    }
  }
}

bootstrapApplication(App);

/** Requests for frames that have not ended, by Cornerstone's name for the frame. */
export const underWay = new Map<string, XMLHttpRequest>()

/** For the loader, which keeps its requests to itself. */
export function remember(request: XMLHttpRequest, imageId: string): void {
  underWay.set(imageId, request)
  request.addEventListener('loadend', () => {
    if (underWay.get(imageId) === request) underWay.delete(imageId)
  })
}

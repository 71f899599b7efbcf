async function xe(s){return new Response(new Blob([s]).stream().pipeThrough(new DecompressionStream("gzip"))).arrayBuffer()}function ke(s){let e={},t=Object.getOwnPropertyDescriptor(globalThis,"Bokeh");new Function("module","exports","define","require",s).call(e,void 0,void 0,void 0,void 0);let n=e.Bokeh??globalThis.Bokeh;if(t?Object.defineProperty(globalThis,"Bokeh",t):delete globalThis.Bokeh,!n)throw new Error("BokehJS did not start");return n}var pe="xpubreak";var Se=[["nodes","parent","i32"],["nodes","name","i32"],["nodes","kind","u8"],["facts","node","i32"],["facts","name","i32"],["facts","role","u8"],["facts","category","u8"],["facts","confidence","u8"],["facts","evidence","i32"],["facts","layer","i32"],["facts","position","u8"],["facts","phase","u8"],["facts","step","i32"],["facts","stream","i32"],["facts","rank","i32"],["facts","module","i32"],["facts","device_ns","f64"],["facts","host_ns","f64"],["facts","count","u32"]];var St={i32:Int32Array,u8:Uint8Array,i16:Int16Array,u32:Uint32Array,f64:Float64Array},F=class extends Error{};function Ee(s,e){if(s.format!==pe||s.version!==1)throw new F(`This view reads ${pe} version ${1}, the data is ${s.format} version ${s.version}. Restart the kernel and reload the page so that both come from the same installation.`);let t={nodes:{},facts:{}};for(let[a,l,p]of Se){let d=s.columns.find(h=>h.table===a&&h.name===l);if(!d||d.dtype!==p)throw new F(`The data has no column ${a}.${l} (${p}).`);t[a][l]=At(e,p,d.offset,d.length)}let r=t.nodes,n=t.facts,o=Et(r),i=s.weight==="device";return{meta:s,strings:s.strings,nodes:r,facts:n,rows:n.name.length,operatorOf:o,op:n.node.map(a=>a>=0&&o[a]>=0?r.name[o[a]]:-1),calls:Float64Array.from(n.count,(a,l)=>n.stream[l]>=0===i?a:0),bar:Mt(n,s)}}function At(s,e,t,r){let n=St[e],o=s instanceof DataView?s.buffer:s,i=(s instanceof DataView?s.byteOffset:0)+t;if(t+r*n.BYTES_PER_ELEMENT>s.byteLength)throw new F("The data is cut short.");return i%n.BYTES_PER_ELEMENT===0?new n(o,i,r):new n(o.slice(i,i+r*n.BYTES_PER_ELEMENT))}function Et(s){let e=new Int32Array(s.parent.length).fill(-1);for(let t=0;t<e.length;t++){let r=s.parent[t];e[t]=s.kind[t]===0?t:r>=0&&r<t?e[r]:-1}return e}function Mt(s,e){let t=e.layer_count,r=e.positions.indexOf("before"),n=e.positions.indexOf("after"),o=new Int32Array(s.layer.length);for(let i=0;i<o.length;i++){let a=s.layer[i];a>=0&&a<t?o[i]=a+1:s.position[i]===r?o[i]=0:o[i]=s.position[i]===n?t+1:t+2}return o}function Me(s,e,t){let r=s.meta.layer_count+3,n=new Float64Array(s.meta.roles.length*r),{role:o}=s.facts,{bar:i}=s,{fails:a,ignore:l}=t;for(let p=0;p<s.rows;p++)(a[p]&~l)===0&&(n[o[p]*r+i[p]]+=e[p]);return n}function R(s,e,t,r){let n=new Float64Array(e),{fails:o,ignore:i}=r;for(let a=0;a<o.length;a++)(o[a]&~i)===0&&s[a]<e&&(n[s[a]]+=t[a]);return n}function Te(s,e,t){let{fails:r,ignore:n}=t,{count:o}=s.facts,i=0,a=0;for(let l=0;l<s.rows;l++)(r[l]&~n)===0&&(i+=e[l],e[l]>0&&(a+=o[l]));return{weight:i,calls:a}}function Le(s,e,t,r){let n=Math.max(1,s.meta.roles.length),o=new Float64Array(e.size*n),{fails:i,ignore:a}=r,{role:l}=s.facts,{leafOf:p,parent:d}=e;for(let m=0;m<s.rows;m++)(i[m]&~a)===0&&(o[p[m]*n+l[m]]+=t[m]);for(let m=e.size-1;m>0;m--){let f=m*n,v=d[m]*n;for(let y=0;y<n;y++)o[v+y]+=o[f+y]}let h=new Float64Array(e.size),u=new Uint8Array(e.size),g=new Uint8Array(e.size);for(let m=0;m<e.size;m++){let f=m*n;for(let v=0;v<n;v++)h[m]+=o[f+v],o[f+v]>o[f+u[m]]&&(u[m]=v);g[m]=o[f+u[m]]===h[m]?1:0}return{value:h,role:u,pure:g}}var Oe=["backend","category","phase","confidence","position","kernel","op","module","text"],Ce=["layer","step","stream","rank","node"],Tt=["model","backend","call"],N=[...Oe,...Ce,"path"];function _e(s){if(typeof s!="object"||s===null)return{};let e=s,t={},r=(o,i)=>{let a=e[o];a!=null&&(t[o]=[...new Set((Array.isArray(a)?a:[a]).filter(i))])};for(let o of Oe)r(o,i=>typeof i=="string");for(let o of Ce)r(o,Number.isInteger);let n=e.path;return n&&Tt.includes(n.stack)&&Array.isArray(n.frames)&&n.frames.length>0&&(t.path={stack:n.stack,frames:n.frames.map(String)}),t}function Ne(s,e){return N.every(t=>de(s,e,t))}function de(s,e,t){return JSON.stringify(s[t])===JSON.stringify(e[t])}function W(s,e){let t=s??[],r=t.includes(e)?t.filter(n=>n!==e):[...t,e];return r.length>0?r:void 0}var $e=4096;function Lt(s){if(s.length>2&&s.startsWith("/")&&s.endsWith("/"))try{let t=new RegExp(s.slice(1,-1),"i");return r=>t.test(r.slice(0,$e))}catch{return()=>!1}let e=s.toLowerCase();return t=>t.slice(0,$e).toLowerCase().includes(e)}function Re(s,e){let t=Lt(e),r=new Uint8Array(s.strings.length),n=a=>a===-1?!1:(r[a]===0&&(r[a]=t(s.strings[a]??"")?2:1),r[a]===2),{name:o,module:i}=s.facts;return a=>n(o[a])||n(s.op[a])||n(i[a])}var he=s=>1<<N.indexOf(s),j=class{constructor(e,t){this.data=e;this.stackOf=t;this.fails=new Uint16Array(e.rows)}data;stackOf;fails;apply(e,t){let r=he(e),{fails:n}=this,o=this.test(e,t);if(o===null)for(let i=0;i<n.length;i++)n[i]&=~r;else for(let i=0;i<n.length;i++)n[i]=o(i)?n[i]&~r:n[i]|r}test(e,t){if(t[e]===void 0)return null;if(e==="path")return this.pathTest(t.path);if(e==="text"){let f=t.text.map(v=>Re(this.data,v));return v=>f.every(y=>y(v))}let{facts:r,meta:n,strings:o,op:i}=this.data,l={backend:[r.role,n.roles.map(f=>f.key),-1],category:[r.category,n.categories,-1],phase:[r.phase,n.phases,255],confidence:[r.confidence,n.confidences,-1],position:[r.position,n.positions,-1],kernel:[r.name,o,-1],op:[i,o,-1],module:[r.module,o,-1]}[e];if(l)return De(l[0],Ot(l[1],t[e],l[2]));let{layer:p,step:d,stream:h,rank:u,node:g}=r;return De({layer:p,step:d,stream:h,rank:u,node:g}[e],t[e])}pathTest(e){let t=this.stackOf(e),r=t.find(e.frames);if(r===-1)return()=>!1;let n=t.end[r];return o=>t.leafOf[o]>=r&&t.leafOf[o]<=n}};function Ot(s,e,t){let r=new Set(e),n=r.has("")?[t]:[];return s.forEach((o,i)=>{r.has(o)&&n.push(i)}),n}function De(s,e){let t=new Set(e);return r=>t.has(s[r])}function E(s){let e=Math.abs(s);return e<1e3?`${Math.round(s)} ns`:e<999500?ue(s/1e3,"µs"):e<9995e5?ue(s/1e6,"ms"):ue(s/1e9,"s")}function ue(s,e){let t=Math.abs(s)<9.995?2:Math.abs(s)<99.95?1:0;return`${Ct(s,t)} ${e}`}function Ct(s,e){return s.toLocaleString("en-US",{minimumFractionDigits:e,maximumFractionDigits:e})}function w(s,e){if(!(e>0))return"–";let t=100*s/e;return s>0&&t<.1?"< 0.1 %":s<e&&t>99.9?"> 99.9 %":`${t>=99.95?"100":t.toFixed(1)} %`}function k(s){return Math.round(s).toLocaleString("en-US")}function K(s,e=6){let t=[...s].sort((n,o)=>n-o),r=[];for(let n=0;n<t.length;){let o=n;for(;o+1<t.length&&t[o+1]===t[o]+1;)o++;o===n?r.push(`${t[n]}`):o===n+1?r.push(`${t[n]}`,`${t[o]}`):r.push(`${t[n]}–${t[o]}`),n=o+1}return r.length>e?`${r.slice(0,e).join(", ")} …`:r.join(", ")}var _t=/[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/g;function x(s,e=400){let r=(s.length>e*4?`${s.slice(0,e)}…${s.slice(-e)}`:s).replace(_t,"·");if(r.length<=e)return r||"(no name)";let n=Math.floor((e-1)/2);return`${r.slice(0,n)}…${r.slice(-n)}`}var Nt=.95;function Pe(s,e,t){let r=s.meta.layer_count,n=new Int32Array(r),o=[];if(t){let i=Rt(s,e);i.forEach((a,l)=>{let p=o.findIndex(d=>Dt(i[d[0]],a)>=Nt);p<0&&(p=o.push([])-1),o[p].push(l),n[l]=p})}else for(let i=0;i<r;i++)n[i]=o.push([i])-1;return{groupOf:n,members:o,labels:o.map($t)}}function $t(s){return s.length===1?`layer ${s[0]}`:`layers ${K(s,3)} ×${s.length}`}function Rt(s,e){let t=Array.from({length:s.meta.layer_count},()=>new Map),{layer:r,name:n,module:o}=s.facts;for(let i=0;i<s.rows;i++){let a=t[r[i]],l=n[i]===o[i]?-1:n[i];a&&e[i]>0&&a.set(l,(a.get(l)??0)+e[i])}return t}function Dt(s,e){let t=0,r=0;for(let[n,o]of s)r+=o,e.has(n)&&(t+=o);for(let[n,o]of e)r+=o,s.has(n)&&(t+=o);return r>0?t/r:1}function Be(s){let{name:e,role:t,category:r}=s.facts,n=new Int32Array(s.rows),o={groupOf:n,name:[],role:[],category:[]},i=new Map;for(let a=0;a<s.rows;a++){let l=(e[a]*256+t[a])*256+r[a],p=i.get(l);p===void 0&&(p=o.name.push(e[a])-1,o.role.push(t[a]),o.category.push(r[a]),i.set(l,p)),n[a]=p}return o}function Ie(s,e,t,r){let n=e.name.length,o=R(e.groupOf,n,t,r),{fails:i,ignore:a}=r,l=new Float64Array(n);for(let d=0;d<s.rows;d++)(i[d]&~a)===0&&t[d]>0&&(l[e.groupOf[d]]+=s.facts.count[d]);let p=[];for(let d=0;d<n;d++)o[d]<=0||p.push({group:d,name:s.strings[e.name[d]]??"",role:e.role[d],category:e.category[d],calls:l[d],total:o[d],mean:l[d]>0?o[d]/l[d]:0});return p}function Ke(s,e,t,r){let n=r?-1:1,o=a=>t==="name"?a.name:t==="backend"?s.meta.roles[a.role]?.label??"":s.meta.categories[a.category]??"",i=t==="calls"||t==="total"||t==="mean"?(a,l)=>a[t]-l[t]:(a,l)=>o(a)<o(l)?-1:o(a)>o(l)?1:0;return[...e].sort((a,l)=>n*i(a,l)||l.total-a.total||a.group-l.group)}function Fe(s,e,t){let{path:r,...n}=e;if(!r||!t)return n;let o=t.find(r.frames);return o<0?n:Bt(n,Pt(s,t,o))}function Pt(s,e,t){let r=[];for(let h=0;h<s.rows;h++)e.leafOf[h]>=t&&e.leafOf[h]<=e.end[t]&&r.push(h);let{facts:n,meta:o,strings:i,op:a}=s,l=h=>[...new Set(r.map(u=>h[u]))].sort((u,g)=>u-g),p=h=>l(h).map(u=>u<0?"":i[u]??""),d={};for(let h=t;h>0;h=e.parent[h]){let u=e.kinds[h];u==="layer"?d.layer=l(n.layer):u==="place"?d.position=l(n.position).map(g=>o.positions[g]):u==="module"?d.module=p(n.module):u==="backend"?d.backend=l(n.role).map(g=>o.roles[g].key):u==="category"?d.category=l(n.category).map(g=>o.categories[g]):e.kind==="call"?d.node=l(n.node):u==="operator"&&(d.op=p(a)),u==="kernel"&&(d.kernel=p(n.name))}return e.kind!=="call"&&e.kinds[t]==="kernel"&&(d.op=p(a)),e.kind==="model"&&["operator","kernel"].includes(e.kinds[t])&&(d.module=p(n.module)),d}function Bt(s,e){let t={...s};for(let[r,n]of Object.entries(e)){let o=t[r];t[r]=o&&r!=="text"?o.filter(i=>n.includes(i)):n}return t}var H=class{known=new Map;of(e,t){let r=(e+1)*67108864+t+1,n=this.known.get(r);return n===void 0&&(n=this.known.size,this.known.set(r,n)),n}};function ze(s,e,t){let{facts:r,op:n}=s,[o,i,a]=[new H,new H,new H];return e==="call"?{shapeOf:l=>o.of(r.node[l],r.name[l]),path:l=>zt(s,l)}:e==="backend"?{shapeOf:l=>o.of(r.role[l]*256+r.category[l],a.of(n[l],r.name[l])),path:l=>[{kind:"backend",id:r.role[l],order:0,label:s.meta.roles[r.role[l]]?.label??"?"},{kind:"category",id:r.category[l],order:0,label:s.meta.categories[r.category[l]]??"?"},...He(s,l)]}:{shapeOf:l=>o.of(i.of(s.bar[l],r.module[l]),a.of(n[l],r.name[l])),path:l=>[...Kt(s,l,t),...Ht(s,l)?[]:He(s,l)]}}var It=["before layers","after layers","outside layers"];function Kt(s,e,t){let r=s.meta.layer_count,n=s.bar[e],o=s.facts.module[e],i=o===-1?[]:(s.strings[o]??"").split(".").filter(p=>p!==""),a=n>=1&&n<=r,l=[];if(a){let p=t.groupOf[n-1];l.push({kind:"layer",id:p,order:1+t.members[p][0],label:t.labels[p]})}else if(r>0){let p=n===0?0:n-r,d=p===0?0:r+1+p;l.push({kind:"place",id:p,order:d,label:It[p]})}for(let p of a?Ft(i,n-1):i)l.push({kind:"module",id:p,order:0,label:x(p)});return l}function Ft(s,e){return s.slice(s.indexOf(`${e}`)+1)}function Ht(s,e){return s.facts.module[e]!==-1&&s.facts.module[e]===s.facts.name[e]}function He(s,e){let t=s.op[e],r=s.facts.name[e],n=x(s.strings[r]??""),i={kind:s.facts.stream[e]===-1?"operator":"kernel",id:r,order:0,label:n};return t===-1||t===r?[i]:[{kind:"operator",id:t,order:0,label:x(s.strings[t]??"")},i]}function zt(s,e){let{parent:t,name:r}=s.nodes,n=[];for(let l=s.facts.node[e];l>=0&&n.length<4e3;l=t[l]){let p=l===s.facts.node[e]?"operator":"call";n.push({kind:p,id:r[l],order:0,label:x(s.strings[r[l]]??"")})}n.reverse();let o=n.at(-1),i=s.facts.name[e],a=s.facts.stream[e]===-1;return o?.id===i?o.kind=a?"operator":"kernel":n.push({kind:a?"operator":"kernel",id:i,order:0,label:x(s.strings[i]??"")}),n}var me=class{constructor(e,t,r,n,o,i,a){this.kind=e;this.parent=t;this.depth=r;this.end=n;this.labels=o;this.kinds=i;this.leafOf=a}kind;parent;depth;end;labels;kinds;leafOf;get size(){return this.parent.length}pathOf(e){let t=[];for(let r=e;r>0;r=this.parent[r])t.unshift(this.labels[r]);return t}children(e){let t=[];for(let r=e+1;r<=this.end[e];r=this.end[r]+1)t.push(r);return t}find(e){let t=0;for(let r of e){let n=this.children(t).find(o=>this.labels[o]===r);if(n===void 0)return-1;t=n}return t}};function We(s,e,t,r){let n=[-1],o=[{kind:"root",id:0,order:0,label:"all"}],i=new Map,a=new Int32Array(s.rows),l=[],p=ze(s,e,r);for(let d=0;d<s.rows;d++){let h=p.shapeOf(d),u=l[h];if(u===void 0){u=0;for(let g of p.path(d)){let m=`${u} ${g.kind} ${g.id}`,f=i.get(m);f===void 0&&(f=n.push(u)-1,o.push(g),i.set(m,f)),u=f}l[h]=u}a[d]=u}return Wt(e,n,o,a,t)}function Wt(s,e,t,r,n){let o=e.length,i=new Float64Array(o);for(let f=0;f<r.length;f++)i[r[f]]+=n[f];for(let f=o-1;f>0;f--)i[e[f]]+=i[f];let a=Array.from({length:o},()=>[]);for(let f=1;f<o;f++)a[e[f]].push(f);for(let f of a)f.sort((v,y)=>t[v].order-t[y].order||i[y]-i[v]||v-y);let l=new Int32Array(o),p=new Int32Array(o).fill(-1),d=new Uint16Array(o),h=new Int32Array(o),u=[],g=[],m=[0];for(;m.length>0;){let f=m.pop(),v=u.push(t[f].label)-1;g.push(t[f].kind),l[f]=v,f>0&&(p[v]=l[e[f]],d[v]=Math.min(65535,d[p[v]]+1));for(let y=a[f].length-1;y>=0;y--)m.push(a[f][y])}for(let f=o-1;f>=0;f--)h[f]=Math.max(h[f],f),f>0&&(h[p[f]]=Math.max(h[p[f]],h[f]));return new me(s,p,d,h,u,g,r.map(f=>l[f]))}function je(s,e){return e==="device"?s.facts.device_ns:e==="host"?s.facts.host_ns:s.calls}var O={device:"device time",host:"host time",count:"calls"};var U=class{constructor(e){this.data=e;let t=e.meta.layer_count>0?"model":"backend";this.options={weight:e.meta.weight,stack:t,fold:!0},this.filter=new j(e,r=>this.stackFor(r.stack))}data;clauses={};options;filter;stacks=new Map;listeners=new Set;groups;get weights(){return je(this.data,this.options.weight)}get stack(){return this.stackFor(this.options.stack)}get kernelGroups(){return this.groups??=Be(this.data),this.groups}passing(...e){return{fails:this.filter.fails,ignore:e.reduce((t,r)=>t|he(r),0)}}remaining(...e){return Te(this.data,this.weights,this.passing(...e))}get whole(){return this.remaining(...N)}get isFiltered(){return Object.keys(this.clauses).length>0}get selection(){let{path:e}=this.clauses;return Fe(this.data,this.clauses,e?this.stackFor(e.stack):null)}stackFor(e){let{fold:t,weight:r}=this.options,n=`${e} ${t} ${r}`,o=this.stacks.get(n);return o||(o=We(this.data,e,this.weights,Pe(this.data,this.weights,t)),this.stacks.set(n,o)),o}set(e,t){this.replace({...this.clauses,[e]:t})}clear(...e){let t={...this.clauses};for(let r of e.length>0?e:N)delete t[r];this.replace(t)}replace(e){let t=_e(e);if(Ne(t,this.clauses))return;let r=this.clauses;this.clauses=t;for(let n of N)de(r,t,n)||this.filter.apply(n,t);this.emit("clauses")}show(e){if(!Object.keys(e).some(o=>e[o]!==this.options[o]))return;this.options={...this.options,...e};let{path:r,...n}=this.clauses;r&&(r.stack!==this.options.stack||this.stack.find(r.frames)<0)?(this.clauses=n,this.filter.apply("path",n),this.emit("clauses")):(r&&this.filter.apply("path",this.clauses),this.emit("options"))}subscribe(e,t){this.listeners.add(e),t.addEventListener("abort",()=>this.listeners.delete(e))}emit(e){for(let t of[...this.listeners])t(e)}};var jt={vllm:"#0077bb",torch:"#ee8a3c",triton:"#009988",cpu:"#cc3311",framework:"#a3a9b3",collectives:"#aa4499",unattributed:"#ddcc77"},Ut=["cpu","unattributed"],Gt="#888888";function C(s){let e=jt[s]??Gt;return{fill:e,text:fe(e),hatched:Ut.includes(s)}}function G(s){let e=/^#([0-9a-f]{6})$/i.exec(s.trim());if(e){let r=Number.parseInt(e[1],16);return[r>>16,r>>8&255,r&255]}let t=s.match(/[\d.]+/g)?.map(Number)??[];return[t[0]??0,t[1]??0,t[2]??0]}function V(s){let[e,t,r]=G(s).map(n=>{let o=n/255;return o<=.04045?o/12.92:((o+.055)/1.055)**2.4});return .2126*e+.7152*t+.0722*r}function Vt(s,e){let[t,r]=[V(s),V(e)].sort((n,o)=>n-o);return(r+.05)/(t+.05)}function fe(s){return Vt("#ffffff",s)>=4.5?"#ffffff":"#14161a"}function Ue(s,e=1){let[t,r,n]=G(s);return(Math.round(e*255)<<24|n<<16|r<<8|t)>>>0}function D(s,e,t){let[r,n]=[G(s),G(e)],o=i=>Math.round(r[i]*t+n[i]*(1-t));return`#${[o(0),o(1),o(2)].map(i=>i.toString(16).padStart(2,"0")).join("")}`}function Ge(s,e,t){let{facts:r}=s,{fails:n,ignore:o}=t,i={names:new Map,roles:new Map,categories:new Map,phases:new Map,confidences:new Map,operators:new Map,reasons:new Map},a=new Set,l=0,p=0,d=(h,u,g)=>h.set(u,(h.get(u)??0)+g);for(let h=0;h<s.rows;h++){let u=e[h];(n[h]&~o)!==0||!(u>0)||(l+=u,p+=r.count[h],d(i.names,r.name[h],u),d(i.roles,r.role[h],u),d(i.categories,r.category[h],u),r.phase[h]!==255&&d(i.phases,r.phase[h],u),d(i.confidences,r.confidence[h],u),d(i.operators,r.node[h]===-1?-1:s.operatorOf[r.node[h]],u),d(i.reasons,(r.evidence[h]+1)*65536+r.role[h]*256+r.confidence[h],u),r.layer[h]>=0&&a.add(r.layer[h]))}return{weight:l,calls:p,names:I(i.names),roles:I(i.roles),categories:I(i.categories),phases:I(i.phases),confidences:I(i.confidences),operators:I(i.operators),reasons:I(i.reasons).map(({code:h,weight:u})=>({evidence:Math.floor(h/65536)-1,role:Math.floor(h/256)%256,confidence:h%256,weight:u})),layers:[...a].sort((h,u)=>h-u)}}function I(s){return[...s].map(([e,t])=>({code:e,weight:t})).sort((e,t)=>t.weight-e.weight||e.code-t.code)}function Ve(s,e){let t=[];for(let r=e;r>=0&&t.length<64;){let n=s.operatorOf[r];if(n<0)break;t.unshift(s.strings[s.nodes.name[n]]??""),r=s.nodes.parent[n]}return t}function c(s,e={},...t){let r=document.createElement(s);return Xt(r,e),r.append(...t.filter(n=>!!n)),r}function Xt(s,e){for(let[t,r]of Object.entries(e))if(!(r==null||r===!1))if(t.startsWith("on"))s.addEventListener(t.slice(2),r);else if(t==="style")for(let[n,o]of Object.entries(r))s.style.setProperty(n,o);else s.setAttribute(t,r===!0?"":String(r))}function S(s,...e){s.replaceChildren(...e.filter(t=>!!t))}function Xe(s,e){let t=0;return e.addEventListener("abort",()=>cancelAnimationFrame(t)),()=>{t||e.aborted||(t=requestAnimationFrame(()=>{t=0,s()}))}}var qe=4,ge=3,Z=class{constructor(e){this.store=e;this.element.append(c("div",{class:"panel-head"},this.head),this.body),this.update()}store;element=c("section",{class:"panel details","aria-label":"Details"});head=c("h3",{},"Details");body=c("div",{class:"details-body"});update(){let{store:e}=this,t=Ge(e.data,e.weights,e.passing());e.isFiltered?(this.head.textContent="Details",S(this.body,...this.selection(t))):(this.head.textContent="How this was read",S(this.body,...this.profile(t)))}selection(e){let{store:t}=this,{meta:r,strings:n}=t.data;if(e.weight===0)return[c("p",{class:"empty"},"Nothing is left under these filters.")];let o=t.options.weight==="count";return[e.names.length===1?c("div",{class:"subject code"},x(n[e.names[0].code]??"",2e3)):c("div",{class:"subject"},`${k(e.names.length)} distinct ${r.weight==="host"?"operators":"kernels"}`),c("div",{class:"tags"},...e.roles.slice(0,7).map(a=>this.roleTag(a,e))),c("dl",{class:"metrics"},q(O[t.options.weight],o?k(e.weight):E(e.weight)),q("share of all",w(e.weight,t.whole.weight)),!o&&q("calls",k(e.calls)),!o&&q("mean",E(e.weight/Math.max(1,e.calls)))),c("dl",{class:"facts"},..._("category",this.list(e.categories,r.categories,e.weight)),...e.phases.length>0?_("phase",this.list(e.phases,r.phases,e.weight)):[],...e.layers.length>0?_("layers",K(e.layers)):[]),c("h4",{},"Why this backend"),this.reasons(e),...this.chains(e)]}roleTag(e,t){let r=this.store.data.meta.roles[e.code],n=C(r?.key??"");return c("span",{class:"tag"},c("span",{class:n.hatched?"swatch hatched":"swatch",style:{"background-color":n.fill}}),r?.label??"?",t.roles.length>1&&c("span",{class:"muted"},w(e.weight,t.weight)))}list(e,t,r){if(e.length===1)return t[e[0].code]??"?";let n=e.slice(0,3).map(o=>`${t[o.code]??"?"} ${w(o.weight,r)}`);return e.length>3?`${n.join(", ")} …`:n.join(", ")}reasons(e){let{meta:t}=this.store.data,r=e.reasons.length-qe;return c("ul",{class:"reasons"},...e.reasons.slice(0,qe).map(n=>{let o=t.evidences[n.evidence],i=t.confidences[n.confidence]??"?";return c("li",{},c("div",{class:"reason-head"},c("span",{class:`confidence ${/^[a-z]+$/.test(i)?i:""}`},i),c("strong",{},o?x(o.rule,80):"no rule"),e.reasons.length>1&&c("span",{class:"muted"},w(n.weight,e.weight))),o?.key&&c("code",{},x(o.key,200)),o&&c("div",{class:"muted"},[o.source,o.note].filter(Boolean).map(a=>x(a,300)).join(" · ")))}),r>0&&c("li",{class:"muted"},`and ${k(r)} more`))}chains(e){let{data:t}=this.store,r=new Map;for(let o of e.operators){let i=o.code<0?[]:Ve(t,o.code),a=i.join(`
`),l=r.get(a);l?l.weight+=o.weight:r.set(a,{chain:i,weight:o.weight})}let n=[...r.values()].sort((o,i)=>i.weight-o.weight);return n.length===0?[]:[c("h4",{},"Called by"),c("ul",{class:"chains"},...n.slice(0,ge).map(({chain:o,weight:i})=>c("li",{},o.length>0?c("code",{},o.map(a=>x(a,80)).join(" › ")):c("span",{class:"muted"},"no operator: graph replay or a launch outside of any"),c("span",{class:"muted"},w(i,e.weight)))),n.length>ge&&c("li",{class:"muted"},`and ${k(n.length-ge)} more`))]}profile(e){let{meta:t}=this.store.data,{coverage:r,sources:n}=t,o=t.totals.device_ns;return[c("h4",{},"Confidence in the backends"),c("ul",{class:"levels"},...[...e.confidences].sort((i,a)=>a.code-i.code).map(i=>c("li",{},c("span",{class:`confidence ${t.confidences[i.code]??""}`},t.confidences[i.code]??"?"),c("span",{class:"level"},c("span",{style:{width:`${100*i.weight/e.weight}%`}})),c("span",{class:"number"},w(i.weight,e.weight))))),c("div",{class:"columns"},Ze("Coverage",[...o>0?[..._("linked to a host call",w(r.linked_ns,o)),..._("not linked",w(r.unlinked_ns,o)),..._("decided by name alone",w(r.weak_ns,o)),..._("unattributed",w(r.unattributed_ns,o))]:_("unattributed",w(r.unattributed_ns,t.totals.host_ns))]),Ze("Where labels come from",[..._("steps",X(n.step)),..._("phases",X(n.phase)),..._("layers",X(n.layer)+(t.layer_count>0?` (${t.layer_count})`:"")),..._("modules",X(n.module))]))]}},X=s=>s&&s!=="none"?x(s,60):"not found";function Ze(s,e){return c("div",{},c("h4",{},s),c("dl",{class:"facts"},...e))}function q(s,e){return c("div",{},c("dt",{},s),c("dd",{},e))}function _(s,e){return[c("dt",{},s),c("dd",{},e)]}var qt={key:"",label:"outside steps",code:255},Y=class{constructor(e){this.store=e;let t=0;this.search=c("input",{type:"search",placeholder:"Search kernels, operators, modules","aria-label":"Search kernels, operators and modules; /…/ is a regular expression",spellcheck:"false",oninput:()=>{clearTimeout(t),t=window.setTimeout(()=>e.set("text",this.search.value.trim()?[this.search.value.trim()]:void 0),120)}}),this.element.append(c("div",{class:"filter-row"},this.backends,this.phases),c("div",{class:"filter-row"},c("label",{class:"search"},Yt(),this.search,this.share),this.chips,this.left)),this.update()}store;element=c("section",{class:"filters","aria-label":"Filters"});backends=c("div",{class:"pills",role:"group","aria-label":"Backend"});phases=c("div",{class:"pills",role:"group","aria-label":"Phase"});share=c("output",{class:"search-share"});chips=c("div",{class:"chips"});left=c("output",{class:"left","aria-live":"polite"});search;update(){let{store:e}=this,{roles:t,phases:r,weight:n}=e.data.meta,{facts:o}=e.data,i=R(o.role,t.length,e.weights,e.passing("backend")),a=e.passing(...N),l=R(o.role,t.length,e.weights,a);this.pills(this.backends,"backend",t.map((y,A)=>({...y,sum:i[A],whole:l[A],ink:C(y.key)})));let p=R(o.phase,256,e.weights,e.passing("phase")),d=R(o.phase,256,e.weights,a),h=[...r.map((y,A)=>({key:y,label:y,code:A})),qt];this.phases.hidden=!r.some((y,A)=>d[A]>0),this.pills(this.phases,"phase",h.map(({key:y,label:A,code:T})=>({key:y,label:A,sum:p[T],whole:d[T]})));let u=e.clauses.text?.join(" ")??"";this.search.getRootNode().activeElement!==this.search&&(this.search.value=u);let m=e.remaining(),f=e.whole;this.share.textContent=e.clauses.text?`${w(m.weight,e.remaining("text").weight)} match`:"";let v=n==="device"?"activities":"calls";S(this.left,c("strong",{},k(m.calls)),` of ${k(f.calls)} ${v} · `,c("strong",{},w(m.weight,f.weight)),` of ${O[e.options.weight]}`),this.updateChips()}pills(e,t,r){let{store:n}=this,o=n.clauses[t],i=e.getRootNode().activeElement?.getAttribute("data-key"),a=r.reduce((l,p)=>l+p.sum,0);S(e,c("span",{class:"group-label"},t),...r.filter(l=>l.whole>0||o?.includes(l.key)).map(l=>c("button",{type:"button",class:l.sum>0?"pill":"pill nothing","data-key":l.key,"aria-pressed":o?String(o.includes(l.key)):"false",onclick:()=>n.set(t,W(n.clauses[t],l.key))},l.ink&&c("span",{class:l.ink.hatched?"swatch hatched":"swatch",style:{"background-color":l.ink.fill}}),c("span",{},l.label),c("span",{class:"pill-share"},l.sum>0?w(l.sum,a):"–")))),i&&e.querySelector(`[data-key="${CSS.escape(i)}"]`)?.focus()}updateChips(){let{store:e,chips:t}=this,r=Object.keys(e.clauses);if(r.length===0){S(t,c("span",{class:"muted"},"Nothing is filtered. Click a frame, a bar or a kernel to filter every view."));return}S(t,...r.map(n=>{let o=Zt(e.clauses,n);return c("button",{type:"button",class:"chip","data-dimension":n,title:`Remove: ${n} ${o}`,onclick:()=>{n==="text"&&(this.search.value=""),e.clear(n)}},c("span",{class:"chip-name"},n==="path"?"frame":n),c("span",{class:"chip-text"},o),c("span",{class:"chip-close","aria-hidden":"true"},"×"))}),c("button",{type:"button",class:"link reset",onclick:()=>{this.search.value="",e.clear()}},"Reset"))}};function Zt(s,e){let t=s[e];if(e==="path")return s.path.frames.map(r=>x(r,40)).join(" › ");if(["layer","step","stream","rank"].includes(e))return K(t);if(e==="node")return`${s.node.length} call paths`;if(Array.isArray(t)){if(t.length===0)return"nothing";let r=t.slice(0,2).map(n=>n===""?"none":x(String(n),48));return t.length>2?`${r.join(", ")} and ${t.length-2} more`:r.join(", ")}return x(String(t),60)}function Yt(){let s=document.createElementNS("http://www.w3.org/2000/svg","svg");s.setAttribute("viewBox","0 0 16 16"),s.setAttribute("aria-hidden","true");let e=document.createElementNS("http://www.w3.org/2000/svg","path");return e.setAttribute("d","M7 2.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9ZM10.3 10.3 14 14"),s.append(e),s}function Ye(s,e){let t=s.size,r=e.value[0]??0,n=new Float64Array(t),o=new Float64Array(t),i=new Float64Array(t),a=[];for(let d=0;d<t;d++){if(!(e.value[d]>0))continue;if(o[d]=e.value[d]/r,d>0){let u=s.parent[d];n[d]=i[u],i[u]+=o[d]}i[d]=n[d];let h=s.depth[d];a[h]=(a[h]??0)+1}let l=a.map(d=>new Int32Array(d??0)),p=new Int32Array(l.length);for(let d=0;d<t;d++)if(o[d]>0){let h=s.depth[d];l[h][p[h]++]=d}return{start:n,size:o,lanes:l}}function be(s,e,t){let r=0,n=e.length;for(;r<n;){let o=r+n>>>1;s.start[e[o]]+s.size[e[o]]<=t?r=o+1:n=o}return r}function Je(s,e,t,r){let n=s.lanes[e];if(!n)return-1;let o=be(s,n,t),i=-1,a=r;for(let l of[o-1,o]){let p=n[l];if(p===void 0)continue;let d=s.start[p],h=d+s.size[p],u=t<d?d-t:t>=h?t-h:0;if(u===0&&l===o)return p;u<=a&&(i=p,a=u)}return i}var Jt={from:0,to:1},Qt=1e-9;function Qe(s,e,t){let r=Math.min(1,Math.max(Qt,(s.to-s.from)*e));if(r>=1)return Jt;let n=(t-s.from)/(s.to-s.from);return tt({from:t-n*r,to:t+(1-n)*r})}function et(s,e){return tt({from:s.from+e,to:s.to+e})}function tt(s){let e=s.to-s.from,t=Math.min(Math.max(0,s.from),1-e);return{from:t,to:t+e}}var er=4;function rt(s,e,t,r){let{layout:n,view:o,firstLane:i,lastLane:a,pixelOf:l}=t,{start:p,size:d,lanes:h}=n,u=e/(o.to-o.from),g=[];s.fill(0);for(let m=i;m<a;m++){let f=h[m];if(!f)continue;let v=(m-i)*e,y=be(n,f,o.from);for(;y<f.length&&p[f[y]]<o.to;){let A=f[y],T=(p[A]-o.from)*u,$=d[A]*u;if($<1){y=tr(s,v,e,t,f,y,u);continue}let L=Math.max(0,Math.round(T)),P=Math.min(e,Math.round(T+$));s.fill(l(A),v+L,v+(P-L>=er&&P<e?P-1:P)),P-L>=r&&g.push({frame:A,left:L,width:P-L,lane:m}),y++}}return g}function tr(s,e,t,r,n,o,i){let{layout:a,view:l}=r,{start:p,size:d}=a,h=Math.max(0,Math.floor((p[n[o]]-l.from)*i)),u=l.from+(h+1)/i,g=1,m=o+1;for(;m<n.length&&p[n[m]]<u;)m+=g,g*=2;let f=Math.max(o+1,m-g);for(m=Math.min(m,n.length);f<m;){let y=f+m>>>1;p[n[y]]<u?f=y+1:m=y}let v=f-1>o&&d[n[f-1]]*i>=1?f-1:f;return h<t&&(s[e+h]=r.pixelOf(n[o+v-1>>1])),v}var M=22,rr=34,nt=3,J=class{constructor(e){this.canvas=e}canvas;strip=null;widths=new Map;paint(e,t,r){let{canvas:n}=this,o=globalThis.devicePixelRatio||1,i=Math.max(1,Math.round(t*o)),a=Math.max(1,Math.round(r*o));(n.width!==i||n.height!==a)&&(n.width=i,n.height=a);let l=n.getContext("2d");if(!l)return;let p=Math.floor(e.scrollTop/M),d=Math.min(e.layout.lanes.length,Math.ceil((e.scrollTop+r)/M));if(l.setTransform(1,0,0,1,0,0),l.fillStyle=e.surface,l.fillRect(0,0,i,a),d<=p)return;let h=this.fill(l,e,p,d,i,o);l.setTransform(o,0,0,o,0,0),this.write(l,e,h,o);let u=t/(e.view.to-e.view.from);this.outline(l,e,e.selected,u,t,e.ink,2),this.outline(l,e,e.hovered,u,t,e.ink,1),this.outline(l,e,e.cursor,u,t,e.accent,2)}fill(e,t,r,n,o,i){let a=n-r;if(this.strip?.canvas.width!==o||this.strip.canvas.height!==a){let m=new ImageData(o,a);this.strip={canvas:new OffscreenCanvas(o,a),image:m,pixels:new Uint32Array(m.data.buffer)}}let{canvas:l,image:p,pixels:d}=this.strip,h=rt(d,o,{layout:t.layout,view:t.view,firstLane:r,lastLane:n,pixelOf:m=>t.inks.of(m,t.isDimmed(m)).pixel},rr*i);l.getContext("2d").putImageData(p,0,0),e.imageSmoothingEnabled=!1;let u=(r*M-t.scrollTop)*i,g=M*i;e.drawImage(l,0,0,o,a,0,Math.round(u),o,Math.round(a*g)),e.fillStyle=t.surface;for(let m=1;m<=a;m++)e.fillRect(0,Math.round(u+m*g-i),o,Math.max(1,Math.round(i)));return h}write(e,t,r,n){let o=`12px ${t.font}`;e.font=o,e.textBaseline="middle";for(let i of r){let a=t.inks.of(i.frame,t.isDimmed(i.frame)),l=i.width/n-12,p=this.fitted(e,t.labels[i.frame]??"",l,o);p&&(e.fillStyle=a.text,e.fillText(p,i.left/n+6,i.lane*M-t.scrollTop+M/2))}}fitted(e,t,r,n){let o=this.measured(e,t,n);if(o<=r)return t;let i=Math.floor(t.length*r/o);for(;i>=nt&&this.measured(e,`${t.slice(0,i)}…`,n)>r;)i--;return i<nt?"":`${t.slice(0,i)}…`}measured(e,t,r){let n=`${r} ${t}`,o=this.widths.get(n);return o===void 0&&(this.widths.size>2e4&&this.widths.clear(),o=e.measureText(t).width,this.widths.set(n,o)),o}outline(e,t,r,n,o,i,a){if(r<0||!(t.layout.size[r]>0))return;let l=Math.max(-4,(t.layout.start[r]-t.view.from)*n),p=Math.min(o+4,(t.layout.start[r]+t.layout.size[r]-t.view.from)*n);if(p<0||l>o)return;let d=t.depthOf(r)*M-t.scrollTop,h=a/2;e.strokeStyle=i,e.lineWidth=a,e.strokeRect(l+h,d+h,Math.max(2,p-l-a),M-1-a)}};var nr={root:0,place:0,layer:0,module:0,call:0,backend:1,category:.82,operator:.8,kernel:1},or=.26,Q=class{constructor(e,t,r,n,o){this.stack=e;this.sums=t;this.roleKeys=r;this.ink=n;this.surface=o}stack;sums;roleKeys;ink;surface;known=new Map;of(e,t){let r=this.stack.kinds[e],n=nr[r],o=n===0?r==="root"?.1:r==="layer"||r==="place"?.17:.12:0,i=`${n===0?o:this.sums.role[e]} ${n} ${t}`,a=this.known.get(i);if(!a){let l=C(this.roleKeys[this.sums.role[e]]??"").fill,p=n===0?D(this.ink,this.surface,o):D(l,this.surface,n),d=t?D(p,this.surface,or):p;a={fill:d,text:t?D(this.ink,this.surface,.6):fe(d),pixel:Ue(d)},this.known.set(i,a)}return a}};var sr=[["model","module → layer → operator → kernel"],["backend","backend → category → operator → kernel"],["call","call path → kernel"]],ee=class{constructor(e,t){this.store=e;this.commands=t;let{totals:r,layer_count:n}=e.data.meta,o=[["device","device time",r.device_ns>0],["host","host time",r.host_ns>0],["count","calls",!0]];this.weight=c("select",{"aria-label":"Weight",onchange:()=>e.show({weight:this.weight.value})},...o.filter(([,,i])=>i).map(([i,a])=>c("option",{value:i},a))),this.fold=c("input",{type:"checkbox",onchange:()=>e.show({fold:this.fold.checked})}),this.foldLabel=c("label",{class:"check"},this.fold,"fold equal layers"),this.foldLabel.hidden=n<2,this.whole=c("button",{type:"button",title:"Show all (0)",onclick:()=>t.focusOn(0)},"fit"),this.element.append(c("h3",{},"Flame graph"),this.stacks,this.foldLabel,c("span",{class:"spacer"}),c("label",{class:"field"},c("span",{class:"group-label"},"weight"),this.weight),c("div",{class:"segments zoom",role:"group","aria-label":"Zoom"},c("button",{type:"button",title:"Zoom out (−), or Ctrl + wheel","aria-label":"Zoom out",onclick:()=>t.zoom(2)},"−"),c("button",{type:"button",title:"Zoom in (+), or Ctrl + wheel","aria-label":"Zoom in",onclick:()=>t.zoom(.5)},"+"),this.whole));for(let[i,a]of sr)this.stacks.append(c("button",{type:"button",title:a,"data-stack":i,onclick:()=>e.show({stack:i})},i))}store;commands;element=c("div",{class:"panel-head"});breadcrumb=c("nav",{class:"breadcrumb","aria-label":"Zoomed frame",hidden:!0});stacks=c("div",{class:"segments",role:"group","aria-label":"Stack by"});weight;fold;foldLabel;whole;update(e,t,r){let{options:n}=this.store;for(let i of this.stacks.querySelectorAll("button"))i.setAttribute("aria-pressed",String(i.dataset.stack===n.stack));this.weight.value=n.weight,this.fold.checked=n.fold,this.foldLabel.hidden=n.stack!=="model"||this.store.data.meta.layer_count<2,this.whole.disabled=r.from===0&&r.to===1;let o=[];for(let i=t;i>0;i=e.parent[i])o.unshift(i);this.breadcrumb.hidden=o.length===0,o.length!==0&&S(this.breadcrumb,...[0,...o].flatMap((i,a)=>[a>0&&c("span",{"aria-hidden":"true"},"›"),i===t?c("span",{class:"here","aria-current":"true"},e.labels[i]):c("button",{type:"button",class:"link",onclick:()=>this.commands.focusOn(i)},e.labels[i])]))}};var ir={ArrowUp:"up",ArrowDown:"down",ArrowLeft:"left",ArrowRight:"right",Enter:"select"," ":"select",z:"focus","+":"in","=":"in","-":"out",0:"all"};function ot(s){return s.ctrlKey||s.metaKey||s.altKey?null:ir[s.key]??null}function st(s,e,t,r){let n=i=>e.size[i]>0;if(r==="up")return Math.max(0,s.parent[t]);if(r==="down")return s.children(t).find(n)??t;if(t===0)return t;let o=s.children(s.parent[t]).filter(n);return o[o.indexOf(t)+(r==="left"?-1:1)]??t}function it(s,e,t,r){let{weight:n}=s.options,o=t.value[r],i=n==="count"?k:E,a=s.data.meta.roles[t.role[r]],l=e.parent[r],p=[[O[n],i(o)],["share",w(o,t.value[0])]];return l>0&&p.push(["of parent",w(o,t.value[l])]),a&&p.push(["backend",t.pure[r]?a.label:`mostly ${a.label}`]),p.push(["kind",e.kinds[r]]),{title:e.labels[r],fill:a&&C(a.key).fill,lines:p}}var ar=4;function at(s,e,t){let r=null,n=(o,i,a={})=>s.addEventListener(o,i,{signal:t,...a});n("pointerdown",o=>{o.button===0&&(r={x:o.clientX,view:e.view(),moved:!1})}),n("pointermove",o=>{if(r&&o.buttons===1&&(!r.moved&&Math.abs(o.clientX-r.x)>ar&&(r.moved=!0,s.setPointerCapture(o.pointerId)),r.moved)){let{view:i}=r;e.hover(-1,null),e.pan(i,(r.x-o.clientX)/s.clientWidth*(i.to-i.from));return}e.hover(e.frameAt(o),o)}),n("click",o=>{let i=r?.moved?-1:e.frameAt(o);r=null,i>=0&&o.detail<2&&e.select(i)}),n("pointercancel",()=>{r=null}),n("pointerleave",()=>e.hover(-1,null)),n("dblclick",o=>{let i=e.frameAt(o);i>=0&&e.focusOn(i)}),n("wheel",o=>{if(!o.ctrlKey&&!o.metaKey)return;o.preventDefault();let i=s.getBoundingClientRect(),{from:a,to:l}=e.view(),p=a+(o.clientX-i.left)/i.width*(l-a);e.zoom(Math.exp(Math.max(-1,Math.min(1,o.deltaY*.004))),p)},{passive:!1})}function ve(s){let e=getComputedStyle(s),t=ye(e.backgroundColor,"#ffffff"),r=V(t)<.4,n=ye(e.color,r?"#e8e8e8":"#1b1b1b",t);return{dark:r,ink:n,surface:t,muted:D(n,t,.68),line:D(n,t,.16),accent:ye(e.accentColor,"#2f6fde"),font:e.fontFamily}}function ye(s,e,t="#ffffff"){let r=/^rgba?\(([^)]+)\)/.exec(s);if(r){let[o,i,a,l=1]=r[1].split(/[\s,/]+/).map(Number);return l===0?e:D(`rgb(${o},${i},${a})`,t,l)}let n=/^color\(srgb ([^)]+)\)/.exec(s);if(n){let[o,i,a,l=1]=n[1].split(/[\s/]+/).map(Number);return D(`rgb(${o*255},${i*255},${a*255})`,t,l)}return e}function lt(s,e){let t=()=>{s(),setTimeout(()=>!e.aborted&&s(),150)},r=new MutationObserver(t),n={attributes:!0,attributeFilter:["class","style","data-theme","data-jp-theme-light","data-jp-theme-name","data-vscode-theme-kind"]};r.observe(document.body,n),r.observe(document.documentElement,n),matchMedia("(prefers-color-scheme: dark)").addEventListener("change",t,{signal:e}),e.addEventListener("abort",()=>r.disconnect())}var ct=()=>matchMedia("(prefers-reduced-motion: reduce)").matches;var te=class{constructor(e){this.root=e;e.append(this.element)}root;element=c("div",{class:"tooltip",role:"presentation",hidden:!0});show(e,t,r){let{element:n}=this;S(n,c("div",{class:"tooltip-title"},e.fill?c("span",{class:"swatch",style:{background:e.fill}}):null,c("span",{},e.title)),c("dl",{},...e.lines.flatMap(([u,g])=>[c("dt",{},u),c("dd",{},g)])),e.hint?c("div",{class:"tooltip-hint"},e.hint):null),n.hidden=!1;let o=this.root.getBoundingClientRect(),{offsetWidth:i,offsetHeight:a}=n,l=t-o.left+14,p=l+i>o.width-6?t-o.left-i-14:l,d=r-o.top+16,h=d+a>o.height-4?r-o.top-a-12:d;n.style.transform=`translate(${Math.round(Math.max(4,p))}px, ${Math.round(Math.max(4,h))}px)`}hide(){this.element.hidden=!0}};function re(s){return[s.title,...s.lines.map(([e,t])=>`${e} ${t}`)].join(", ")}var pt=440,lr=1.5,cr=160,pr="click: filter · double-click: zoom",ne=class{constructor(e,t,r,n){this.store=e;this.theme=t;this.tooltip=r;this.signal=n;this.controls=new ee(e,{zoom:i=>this.zoom(i,(this.view.from+this.view.to)/2),focusOn:i=>this.focusOn(i)}),this.element.append(this.controls.element,this.controls.breadcrumb,this.scroller,this.empty,this.live),this.repaint=Xe(()=>this.paint(),n),this.listen();let o=new ResizeObserver(()=>{this.scroller.clientWidth!==this.width&&this.repaint()});o.observe(this.scroller),n.addEventListener("abort",()=>o.disconnect()),this.update()}store;theme;tooltip;signal;element=c("section",{class:"panel flame","aria-label":"Flame graph"});canvas=c("canvas",{tabindex:"0",role:"application","aria-roledescription":"flame graph","aria-label":"Flame graph. Arrow keys move, Enter selects, Z zooms, 0 shows all. The kernel table below has the same numbers."});space=c("div",{class:"flame-space"},this.canvas);scroller=c("div",{class:"flame-scroll"},this.space);live=c("div",{class:"visually-hidden",role:"status","aria-live":"polite"});empty=c("p",{class:"empty",hidden:!0},"Nothing is left under these filters.");painter=new J(this.canvas);controls;repaint;stack;sums;layout;inks;view={from:0,to:1};focus=0;hovered=-1;cursor=-1;selected=-1;width=0;useTheme(e){this.theme=e,this.makeInks(),this.repaint()}update(){let{store:e}=this,t=e.stack;t!==this.stack&&(this.focus=0,this.cursor=-1,this.hovered=-1),this.stack=t,this.sums=Le(e.data,t,e.weights,e.passing("path")),this.layout=Ye(t,this.sums),this.layout.size[this.focus]>0||(this.focus=0),this.view=this.windowOf(this.focus);let r=e.clauses.path;this.selected=r&&r.stack===t.kind?t.find(r.frames):-1;let n=this.layout.lanes.length;this.empty.hidden=n>0,this.scroller.hidden=n===0,this.space.style.height=`${n*M}px`;let o=Math.min(pt,n*M);this.scroller.style.height=`${o}px`,this.canvas.style.height=`${o}px`,this.controls.update(t,this.focus,this.view),this.makeInks(),this.repaint()}makeInks(){let e=this.store.data.meta.roles.map(t=>t.key);this.inks=new Q(this.stack,this.sums,e,this.theme.ink,this.theme.surface)}windowOf(e){let t=this.layout.size[e]??0;return e===0||!(t>0)?{from:0,to:1}:{from:this.layout.start[e],to:this.layout.start[e]+t}}paint(){if(this.width=this.scroller.clientWidth,this.width===0)return;let{selected:e,stack:t}=this;this.painter.paint({layout:this.layout,view:this.view,inks:this.inks,labels:t.labels,isDimmed:r=>e>=0&&(r<e?t.end[r]<e:r>t.end[e]),depthOf:r=>t.depth[r],hovered:this.hovered,cursor:this.cursor,selected:e,scrollTop:this.scroller.scrollTop,surface:this.theme.surface,accent:this.theme.accent,ink:this.theme.ink,font:this.theme.font},this.width,Math.min(pt,this.layout.lanes.length*M))}select(e){let t=this.stack.pathOf(e),r=e===this.selected||t.length===0;this.store.set("path",r?void 0:{stack:this.stack.kind,frames:t})}focusOn(e){this.focus=e,this.animateTo(this.windowOf(e))}zoom(e,t){this.focus=0,this.setView(Qe(this.view,e,t))}setView(e){this.view=e,this.controls.update(this.stack,this.focus,e),this.repaint()}animateTo(e){if(ct()){this.setView(e);return}let t=this.view,r=performance.now(),n=()=>{let o=Math.min(1,(performance.now()-r)/cr),i=1-(1-o)**3;this.setView({from:t.from+(e.from-t.from)*i,to:t.to+(e.to-t.to)*i}),o<1&&!this.signal.aborted&&requestAnimationFrame(n)};n()}frameAt(e){let t=this.canvas.getBoundingClientRect(),r=this.view.to-this.view.from,n=this.view.from+(e.clientX-t.left)/t.width*r,o=Math.floor((e.clientY-t.top+this.scroller.scrollTop)/M);return Je(this.layout,o,n,lr/t.width*r)}noteOf(e){return it(this.store,this.stack,this.sums,e)}listen(){let{canvas:e,signal:t}=this;at(e,{frameAt:r=>this.frameAt(r),hover:(r,n)=>this.hover(r,n),select:r=>this.select(r),focusOn:r=>this.focusOn(r),view:()=>this.view,pan:(r,n)=>this.setView(et(r,n)),zoom:(r,n)=>this.zoom(r,n)},t),e.addEventListener("keydown",r=>this.press(r),{signal:t}),e.addEventListener("blur",()=>this.moveCursor(-1),{signal:t}),this.scroller.addEventListener("scroll",()=>this.repaint(),{signal:t})}hover(e,t){e!==this.hovered&&(this.hovered=e,this.repaint()),this.canvas.style.cursor=e>=0?"pointer":"default",e<0||!t?this.tooltip.hide():this.tooltip.show({...this.noteOf(e),hint:pr},t.clientX,t.clientY)}moveCursor(e){this.cursor=e,e>=0&&(this.reveal(e),this.live.textContent=re(this.noteOf(e))),this.repaint()}press(e){let t=ot(e);if(!t)return;e.preventDefault();let r=(this.view.from+this.view.to)/2;t==="in"||t==="out"?this.zoom(t==="in"?.7:1/.7,r):t==="all"?this.focusOn(0):t==="select"&&this.cursor>=0?this.select(this.cursor):t==="focus"&&this.cursor>=0?this.focusOn(this.cursor):(t==="up"||t==="down"||t==="left"||t==="right")&&this.moveCursor(this.cursor<0?this.focus:st(this.stack,this.layout,this.cursor,t))}reveal(e){let t=this.stack.depth[e]*M,{scroller:r}=this;t<r.scrollTop?r.scrollTop=t:t+M>r.scrollTop+r.clientHeight&&(r.scrollTop=t+M-r.clientHeight);let n=this.layout.start[e];(n>=this.view.to||n+this.layout.size[e]<=this.view.from)&&this.focusOn(this.stack.parent[e])}};var dr={xpu:"Intel XPU",cuda:"CUDA",rocm:"ROCm",cpu:"CPU"},oe=class{constructor(e){this.store=e;let{meta:t}=e.data,r=dr[t.device]??t.device;this.element.append(c("div",{class:"title-row"},c("div",{class:"title"},c("h2",{title:x(t.title)},x(t.title)||"Breakdown"),c("span",{class:"badge"},t.device_name?`${x(t.device_name,60)} · ${r}`:r),this.shown,t.synthetic&&c("span",{class:"badge synthetic",title:"Generated, not measured"},"synthetic")),this.metrics()),...this.banners(),this.bar),this.update()}store;element=c("header",{class:"header"});bar=c("div",{class:"backend-bar",role:"img"});shown=c("span",{class:"badge"});metrics(){let{totals:e,weight:t,steps:r}=this.store.data.meta,n=e.wall_ns,o=t==="device"?[["device",E(e.device_ns),"Sum over all device activities"],["busy",E(e.busy_ns),"Time in which at least one activity ran"],["wall",E(n),"From the first start to the last end"],["idle",w(Math.max(0,n-e.busy_ns),n),"Share of wall time without any activity"]]:[["host",E(e.host_ns),"Sum of the self time of all host spans"],["wall",E(n),"From the first start to the last end"]];return r.length>0&&o.push(["steps",k(r.length),"Engine steps found in the trace"]),c("dl",{class:"metrics"},...o.map(([i,a,l])=>c("div",{title:l},c("dt",{},i),c("dd",{},a))))}banners(){let e=["error","warning","info"],t=[...this.store.data.meta.issues].sort((a,l)=>e.indexOf(a.severity)-e.indexOf(l.severity)),r=a=>c("li",{class:e.includes(a.severity)?a.severity:"info"},c("span",{class:"severity"},a.severity),c("span",{},x(a.message,1e3)),a.count>1&&c("span",{class:"muted"},`${k(a.count)}×`),a.example&&c("code",{},x(a.example,120))),n=t.filter(a=>a.severity!=="info"),o=t.filter(a=>a.severity==="info"),i=[];return n.length>0&&i.push(c("ul",{class:"banners",role:"status"},...n.map(r))),o.length>0&&i.push(c("details",{class:"notes"},c("summary",{},`${o.length} ${o.length===1?"note":"notes"} about this profile`),c("ul",{class:"banners"},...o.map(r)))),i}update(){let{store:e,bar:t}=this,{roles:r}=e.data.meta,{weight:n}=e.options;this.shown.textContent=`weight: ${O[n]}`;let o=R(e.data.facts.role,r.length,e.weights,e.passing(...N)),i=R(e.data.facts.role,r.length,e.weights,e.passing()),a=o.reduce((p,d)=>p+d,0),l=r.map((p,d)=>({role:p,whole:o[d],left:i[d]}));t.setAttribute("aria-label",l.filter(p=>p.whole>0).map(p=>`${p.role.label} ${w(p.whole,a)}`).join(", ")),S(t,...l.filter(p=>p.whole>0).map(p=>{let d=C(p.role.key),h=100*p.whole/a,u=p.whole>0?100*p.left/p.whole:0;return c("div",{class:"backend-part",style:{"flex-grow":`${p.whole/a}`,color:d.text},title:`${p.role.label}: ${w(p.whole,a)} of ${O[n]}`},c("div",{class:d.hatched?"kept hatched":"kept",style:{width:`${u}%`,"background-color":d.fill}}),c("div",{class:"rest",style:{"background-color":d.fill}}),h>9&&u>60&&c("span",{},`${p.role.label} ${w(p.whole,a)}`))}))}};function dt(s){let e=Array.from({length:s},(t,r)=>({value:r,x:r}));return[{value:"before",x:-1-.75},...e,{value:"after",x:s+.75},{value:"outside",x:s+1+2*.75}]}function ht(s){return{start:-2.5,end:s+3.5}}function se(s,e,t){let[r,n]=e<t?[e,t]:[t,e],o=[];return s.forEach((i,a)=>{i.x+.5>r&&i.x-.5<n&&o.push(a)}),o}function ut(s,e,t=26){let n=[1,2,4,5,10,20,50,100,200,500,1e3].find(i=>i*e>=t)??s,o=[];for(let i=0;i<s;i+=n)o.push(i);return o}function mt(s,e){let t=e*1.75;if(t>=50)return s;let r={before:"pre",after:"post",outside:"out"};return t>=24?r[s]??s:"·"}function ft(s){return s<2e3?{divisor:1,unit:"ns"}:s<2e6?{divisor:1e3,unit:"µs"}:s<2e9?{divisor:1e6,unit:"ms"}:{divisor:1e9,unit:"s"}}var gt=.6,hr=24,ur={ArrowLeft:-1,ArrowRight:1,Home:-1/0,End:1/0},ie=class{constructor(e,t,r,n,o){this.places=e;this.range=t;this.gestures=r;this.tooltip=n;let i=(a,l)=>this.element.addEventListener(a,l,{signal:o});i("pointerdown",a=>{a.button===0&&(this.pressedAt=this.xAt(a),this.element.setPointerCapture(a.pointerId))}),i("pointermove",a=>this.move(a)),i("pointerup",a=>this.release(a)),i("pointercancel",()=>this.drop()),i("pointerleave",()=>this.leave()),i("blur",()=>this.leave()),i("keydown",a=>this.press(a))}places;range;gestures;tooltip;brush=c("div",{class:"brush",hidden:!0});mark=c("div",{class:"bar-cursor",hidden:!0});live=c("div",{class:"visually-hidden",role:"status","aria-live":"polite"});element=c("div",{class:"plot-overlay",tabindex:"0",role:"application","aria-roledescription":"bar chart","aria-label":"Time of each layer by backend. Left and right move, Enter selects a layer."},this.mark,this.brush,this.live);cursor=-1;pressedAt=null;cover(e){let{style:t}=this.element;t.left=`${e.left}px`,t.top=`${e.top}px`,t.width=`${e.width}px`,t.height=`${e.height+hr}px`,t.setProperty("--frame-height",`${e.height}px`)}xAt(e){let t=this.element.getBoundingClientRect(),r=Math.min(1,Math.max(0,(e.clientX-t.left)/t.width));return this.range.start+r*(this.range.end-this.range.start)}move(e){let t=this.xAt(e),r=se(this.places,t,t)[0]??-1;this.moveTo(r);let n=this.pressedAt;this.brush.hidden=n===null||Math.abs(t-n)<=gt,n!==null&&this.spread(this.brush,Math.min(n,t),Math.max(n,t)),r>=0?this.tooltip.show(this.gestures.noteOf(r),e.clientX,e.clientY):this.tooltip.hide()}release(e){let t=this.pressedAt;if(t===null)return;this.drop();let r=this.xAt(e),n=Math.abs(r-t)>gt,o=n?se(this.places,t,r):se(this.places,r,r).slice(0,1);o.length>0?this.gestures.select(o,!n&&(e.shiftKey||e.ctrlKey||e.metaKey)):this.gestures.clear()}drop(){this.pressedAt=null,this.brush.hidden=!0}leave(){this.tooltip.hide(),this.moveTo(-1)}press(e){if(e.ctrlKey||e.metaKey||e.altKey)return;let t=ur[e.key];if(t!==void 0){let r=this.cursor<0&&t===-1?this.places.length:this.cursor;this.moveTo(Math.min(this.places.length-1,Math.max(0,r+t))),this.live.textContent=re(this.gestures.noteOf(this.cursor))}else if((e.key==="Enter"||e.key===" ")&&this.cursor>=0)this.gestures.select([this.cursor],e.shiftKey);else return;e.preventDefault()}moveTo(e){this.cursor=e,this.mark.hidden=e<0,e>=0&&this.spread(this.mark,this.places[e].x-.5,this.places[e].x+.5)}spread(e,t,r){let n=this.range.end-this.range.start;e.style.left=`${100*(t-this.range.start)/n}%`,e.style.width=`${100*(r-t)/n}%`}};var ae=class{constructor(e,t,r,n,o){this.store=e;this.theme=t;this.signal=n;let i=e.data.meta.layer_count;if(this.places=dt(i),this.range=ht(i),this.element.append(c("div",{class:"panel-head"},c("h3",{},"Layers"),this.hint),this.stage,this.message),this.surface=new ie(this.places,this.range,{noteOf:a=>this.noteOf(a),select:(a,l)=>this.select(a,l),clear:()=>e.clear("layer","position")},r,n),this.stage.append(this.surface.element),i===0){this.message.textContent="No layers were found in this profile, so there is nothing to compare here.";return}this.start(o).catch(a=>{this.message.textContent=`The bars cannot be drawn here: ${a instanceof Error?a.message:String(a)}`,this.message.hidden=!1,this.stage.hidden=!0})}store;theme;signal;element=c("section",{class:"panel layers","aria-label":"Layers"});hint=c("span",{class:"muted"});plot=c("div",{class:"plot"});surface;stage=c("div",{class:"stage",hidden:!0},this.plot);message=c("p",{class:"empty",role:"status"},"Loading the bars …");places;range;view=null;sums=new Float64Array(0);async start(e){let t=await e.bokeh();if(this.signal.aborted)return;this.stage.hidden=!1;let r=await t.embed.embed_item(e.item,this.plot),n=Array.isArray(r)?r[0]:[...r.roots][0];if(!n)throw new Error("Bokeh drew nothing");this.view=n,this.message.hidden=!0,this.useTheme(this.theme),this.update(),n.model.properties?.inner_width?.change.connect(()=>this.placeSoon());let o=new ResizeObserver(()=>this.placeSoon());o.observe(this.stage),this.signal.addEventListener("abort",()=>o.disconnect())}model(e){return this.view?.model.document?.get_model_by_name(e)??null}useTheme(e){this.theme=e;for(let n of["layer-axis","value-axis"]){let o=this.model(n);o&&(o.axis_label_text_color=e.muted,o.major_label_text_color=e.muted,o.axis_line_color=e.line,o.major_tick_line_color=e.line,o.axis_label_text_font=e.font,o.major_label_text_font=e.font)}let t=this.model("value-grid");t&&(t.grid_line_color=e.line);let r=this.model("column");r&&(r.fill_color=e.ink)}update(){let{store:e}=this,{roles:t,layer_count:r}=e.data.meta;if(r===0)return;this.hint.textContent=`${O[e.options.weight]} · click or drag to select`,this.sums=Me(e.data,e.weights,e.passing("layer","position"));let n=this.model("bars");if(!n)return;let o=this.places.length,i=e.options.weight==="count",a=this.places.map((T,$)=>t.reduce((L,P,xt)=>L+this.sums[xt*o+$],0)),l=Math.max(...a,0),{divisor:p,unit:d}=i?{divisor:1,unit:"calls"}:ft(l),{layer:h,position:u}=e.clauses,g=this.chosenBars(),m=T=>h||u?g.includes(T):!0,f={x:this.places.map(T=>T.x),reach:this.places.map(()=>(l/p||1)*1.04),chosen:this.places.map((T,$)=>g.includes($)?.09:0),alpha:this.places.map((T,$)=>m($)?1:.24)},v=this.places.map(()=>0);t.forEach((T,$)=>{f[`bottom_${T.key}`]=[...v];for(let L=0;L<o;L++)v[L]+=this.sums[$*o+L]/p;f[`top_${T.key}`]=[...v]}),n.data=f;let y=this.model("value-range");y&&(y.end=(l/p||1)*1.04);let A=this.model("value-axis");A&&(A.axis_label=d),this.placeSoon()}placeSoon(){this.placeOverlay();for(let e of[40,160])setTimeout(()=>!this.signal.aborted&&this.placeOverlay(),e)}placeOverlay(){let e=this.view?.frame.bbox;if(!e||e.width<=0)return;this.surface.cover(e);let t=e.width/(this.range.end-this.range.start),{layer_count:r}=this.store.data.meta,n=ut(r,t),o=this.model("layer-axis");if(!o)return;let i=new Map;for(let l of n)i.set(l,`${l}`);for(let{x:l,value:p}of this.places)typeof p=="string"&&i.set(l,mt(p,t));let a=[...i].join();a!==this.ticks&&(this.ticks=a,o.ticker.ticks=[...i.keys()].sort((l,p)=>l-p),o.major_label_overrides=i)}ticks="";noteOf(e){let{store:t,places:r,sums:n}=this,o=t.options.weight==="count"?k:E,{roles:i}=t.data.meta,a=i.map((h,u)=>({role:h,sum:n[u*r.length+e]})).filter(({sum:h})=>h>0),l=a.reduce((h,u)=>h+u.sum,0),p=n.reduce((h,u)=>h+u,0),{value:d}=r[e];return{title:typeof d=="number"?`layer ${d}`:d==="outside"?"outside the layers":`${d} the layers`,lines:[[O[t.options.weight],`${o(l)} · ${w(l,p)}`],...a.map(({role:h,sum:u})=>[h.label,`${o(u)} · ${w(u,l)}`])]}}chosenBars(){let{layer:e=[],position:t=[]}=this.store.clauses,r=[];return this.places.forEach(({value:n},o)=>{(typeof n=="number"?e.includes(n):t.includes(n))&&r.push(o)}),r}select(e,t){let r=this.chosenBars(),n=m=>typeof this.places[m].value=="number",o=e.some(n)?e.filter(n):e,i=n(o[0]),a=r.filter(m=>n(m)===i&&!o.includes(m)),l=o.every(m=>r.includes(m)),p=o;t?p=l?a:[...a,...o].sort((m,f)=>m-f):l&&a.length===0&&(p=[]);let d=p.map(m=>this.places[m].value),{layer:h,position:u,...g}=this.store.clauses;this.store.replace(d.length===0?g:{...g,[i?"layer":"position"]:d})}};var bt=`:host {
  display: block;
}

.explorer {
  --surface: var(--jp-layout-color1, var(--vscode-editor-background, Canvas));
  --ink: var(--jp-ui-font-color0, var(--vscode-editor-foreground, CanvasText));
  --muted: color-mix(in srgb, var(--ink) 66%, var(--surface));
  --faint: color-mix(in srgb, var(--ink) 4%, var(--surface));
  --line: color-mix(in srgb, var(--ink) 14%, var(--surface));
  --strong-line: color-mix(in srgb, var(--ink) 26%, var(--surface));
  --accent: var(--jp-brand-color1, var(--vscode-focusBorder, #2f6fde));
  --chosen: color-mix(in srgb, var(--accent) 13%, var(--surface));
  --warn: var(--jp-warn-color1, #b26a00);
  --error: var(--jp-error-color1, #c62828);
  --code: var(--jp-code-font-family, ui-monospace, "SF Mono", Menlo, Consolas, monospace);
  --radius: 6px;

  position: relative;
  container-type: inline-size;
  box-sizing: border-box;
  overflow: clip;
  color: var(--ink);
  background-color: var(--surface);
  accent-color: var(--accent);
  border: 1px solid var(--line);
  border-radius: 10px;
  font: 13px / 1.45 var(--jp-ui-font-family, system-ui, -apple-system, "Segoe UI", Roboto, sans-serif);
  font-variant-numeric: tabular-nums;
  text-align: start;
}

*,
*::before,
*::after {
  box-sizing: border-box;
}

h2,
h3,
h4,
p,
ul,
dl,
dd {
  margin: 0;
  padding: 0;
}

ul {
  list-style: none;
}

button,
select,
input {
  font: inherit;
  color: inherit;
}

button {
  cursor: pointer;
}

:focus-visible {
  outline: 2px solid var(--accent);
  outline-offset: 1px;
}

:not(#none)[hidden] {
  display: none;
}

.visually-hidden {
  position: absolute;
  width: 1px;
  height: 1px;
  overflow: hidden;
  clip-path: inset(50%);
  white-space: nowrap;
}

.muted {
  color: var(--muted);
}

.number {
  text-align: end;
  white-space: nowrap;
}

.swatch {
  display: inline-block;
  flex: none;
  width: 10px;
  height: 10px;
  border-radius: 2.5px;
}

.hatched {
  background-image: repeating-linear-gradient(135deg, #0000 0 3px, rgb(0 0 0 / 32%) 3px 4.5px);
}

code,
.code {
  font-family: var(--code);
  font-size: 12px;
  overflow-wrap: anywhere;
}

.loading,
.empty {
  padding: 28px 18px;
  color: var(--muted);
  text-align: center;
}

.loading.failed {
  color: var(--error);
}

.empty.whole {
  padding: 56px 18px;
  border-top: 1px solid var(--line);
}

/* Header ----------------------------------------------------------------------------------------------------------- */

.header {
  display: grid;
  gap: 12px;
  padding: 14px 16px 0;
}

.title-row {
  display: flex;
  flex-wrap: wrap;
  gap: 10px 28px;
  align-items: flex-start;
  justify-content: space-between;
}

.title {
  display: flex;
  flex: 1 1 260px;
  flex-wrap: wrap;
  gap: 6px;
  align-items: center;
  min-width: 0;
}

h2 {
  margin-right: 4px;
  font-size: 16px;
  font-weight: 600;
  letter-spacing: -0.01em;
  overflow-wrap: anywhere;
}

.badge {
  padding: 1px 8px;
  color: var(--muted);
  font-size: 11.5px;
  white-space: nowrap;
  border: 1px solid var(--line);
  border-radius: 99px;
}

.badge.synthetic {
  color: var(--warn);
  border-color: color-mix(in srgb, var(--warn) 55%, var(--surface));
}

.metrics {
  display: flex;
  flex-wrap: wrap;
  gap: 6px 22px;
}

.metrics dt {
  color: var(--muted);
  font-size: 11.5px;
  line-height: 1.2;
}

.metrics dd {
  font-size: 15px;
  font-weight: 600;
  line-height: 1.35;
  white-space: nowrap;
}

.backend-bar {
  display: flex;
  gap: 2px;
  height: 24px;
  overflow: hidden;
  border-radius: var(--radius);
}

.backend-part {
  position: relative;
  flex-basis: 0;
  min-width: 3px;
  overflow: hidden;
}

.backend-part .rest {
  position: absolute;
  inset: 0;
  opacity: 0.2;
}

.backend-part .kept {
  position: absolute;
  inset: 0 auto 0 0;
}

.backend-part span {
  position: relative;
  display: block;
  padding: 0 8px;
  overflow: hidden;
  font-size: 11.5px;
  font-weight: 500;
  line-height: 24px;
  text-overflow: ellipsis;
  white-space: nowrap;
}

.banners {
  display: grid;
  gap: 6px;
}

.banners li {
  display: flex;
  flex-wrap: wrap;
  gap: 2px 10px;
  align-items: baseline;
  padding: 6px 10px;
  background: var(--faint);
  border-left: 3px solid var(--strong-line);
  border-radius: 4px;
  overflow-wrap: anywhere;
}

.banners .warning {
  background: color-mix(in srgb, var(--warn) 10%, var(--surface));
  border-color: var(--warn);
}

.banners .error {
  background: color-mix(in srgb, var(--error) 9%, var(--surface));
  border-color: var(--error);
}

.severity {
  font-size: 11.5px;
  font-weight: 600;
}

.warning .severity {
  color: var(--warn);
}

.error .severity {
  color: var(--error);
}

.notes summary {
  width: fit-content;
  color: var(--muted);
  font-size: 12px;
  cursor: pointer;
}

.notes[open] summary {
  margin-bottom: 6px;
}

/* Filters ---------------------------------------------------------------------------------------------------------- */

.filters {
  display: grid;
  gap: 10px;
  padding: 10px 16px 12px;
}

.filter-row {
  display: flex;
  flex-wrap: wrap;
  gap: 8px 24px;
  align-items: center;
  justify-content: space-between;
}

.pills {
  display: flex;
  flex-wrap: wrap;
  gap: 6px;
  align-items: center;
}

.group-label {
  margin-right: 2px;
  color: var(--muted);
  font-size: 12px;
}

.pill {
  display: inline-flex;
  gap: 6px;
  align-items: center;
  height: 26px;
  padding: 0 10px;
  background: none;
  border: 1px solid var(--line);
  border-radius: 99px;
  white-space: nowrap;
}

.pill:hover {
  background: var(--faint);
  border-color: var(--strong-line);
}

.pill.nothing {
  color: var(--muted);
  border-style: dashed;
}

.pill[aria-pressed="true"] {
  background: var(--chosen);
  border-color: var(--accent);
}

.pill-share {
  color: var(--muted);
}

.search {
  position: relative;
  display: flex;
  flex: 0 1 320px;
  align-items: center;
  min-width: 230px;
}

.search svg {
  position: absolute;
  left: 9px;
  width: 14px;
  fill: none;
  stroke: var(--muted);
  stroke-width: 1.5;
  stroke-linecap: round;
  pointer-events: none;
}

.search input {
  width: 100%;
  height: 28px;
  padding: 0 10px 0 29px;
  background: var(--faint);
  border: 1px solid var(--line);
  border-radius: var(--radius);
}

.search:has(output:not(:empty)) input {
  padding-right: 92px;
}

.search input::placeholder {
  color: var(--muted);
  opacity: 1;
}

.search input::-webkit-search-cancel-button {
  display: none;
}

.search-share {
  position: absolute;
  right: 10px;
  color: var(--muted);
  font-size: 12px;
  pointer-events: none;
}

.left {
  margin-left: auto;
  color: var(--muted);
  font-size: 12px;
}

.left strong {
  color: var(--ink);
  font-weight: 600;
}

.chips {
  display: flex;
  flex: 1 1 300px;
  flex-wrap: wrap;
  gap: 6px;
  align-items: center;
  min-width: 0;
  font-size: 12px;
}

.chip {
  display: inline-flex;
  gap: 6px;
  align-items: center;
  max-width: 100%;
  height: 24px;
  padding: 0 8px;
  background: var(--chosen);
  border: 1px solid color-mix(in srgb, var(--accent) 40%, var(--surface));
  border-radius: var(--radius);
}

.chip:hover {
  border-color: var(--accent);
}

.chip-name {
  color: var(--muted);
}

.chip-text {
  max-width: 48ch;
  overflow: hidden;
  text-overflow: ellipsis;
  white-space: nowrap;
}

.chip-close {
  color: var(--muted);
  font-size: 15px;
  line-height: 1;
}

.link {
  max-width: 40ch;
  padding: 0 2px;
  overflow: hidden;
  color: inherit;
  text-decoration: underline;
  text-decoration-color: var(--strong-line);
  text-overflow: ellipsis;
  text-underline-offset: 3px;
  white-space: nowrap;
  background: none;
  border: 0;
  border-radius: 3px;
}

.link:hover {
  text-decoration-color: currentcolor;
}

/* Panels ----------------------------------------------------------------------------------------------------------- */

.panel {
  min-width: 0;
  padding: 10px 16px 14px;
  border-top: 1px solid var(--line);
}

.panel-head {
  display: flex;
  flex-wrap: wrap;
  gap: 6px 14px;
  align-items: center;
  min-height: 30px;
  margin-bottom: 8px;
  font-size: 12px;
}

h3 {
  font-size: 13px;
  font-weight: 600;
}

.spacer {
  flex: 1;
}

.segments {
  display: inline-flex;
  overflow: hidden;
  border: 1px solid var(--line);
  border-radius: var(--radius);
}

.segments button {
  height: 24px;
  padding: 0 10px;
  background: none;
  border: 0;
  border-left: 1px solid var(--line);
}

.segments button:first-child {
  border-left: 0;
}

.segments button:hover:enabled {
  background: var(--faint);
}

.segments button:focus-visible {
  outline-offset: -2px;
}

.segments button[aria-pressed="true"] {
  font-weight: 600;
  background: var(--chosen);
}

.segments button:disabled {
  color: var(--muted);
  opacity: 0.55;
  cursor: default;
}

.check,
.field {
  display: inline-flex;
  gap: 5px;
  align-items: center;
}

.check input {
  margin: 0;
}

select {
  height: 26px;
  padding: 0 4px;
  background: var(--surface);
  border: 1px solid var(--line);
  border-radius: var(--radius);
}

.breadcrumb {
  display: flex;
  flex-wrap: wrap;
  gap: 4px 6px;
  align-items: center;
  margin-bottom: 6px;
  color: var(--muted);
  font-size: 12px;
}

.breadcrumb .here {
  max-width: 60ch;
  overflow: hidden;
  color: var(--ink);
  font-weight: 600;
  text-overflow: ellipsis;
  white-space: nowrap;
}

.flame-scroll {
  position: relative;
  overflow: hidden auto;
  border-radius: 4px;
}

.flame canvas {
  position: sticky;
  top: 0;
  display: block;
  width: 100%;
  touch-action: pan-y pinch-zoom;
}

.flame canvas:focus-visible {
  outline-offset: -2px;
}

.pair {
  display: grid;
  grid-template-columns: minmax(0, 3fr) minmax(0, 2fr);
}

.details {
  border-left: 1px solid var(--line);
}

/* Layers ----------------------------------------------------------------------------------------------------------- */

.stage {
  position: relative;
  height: 300px;
}

.plot {
  height: 100%;
}

.plot-overlay {
  position: absolute;
  cursor: pointer;
  touch-action: pan-y;
}

.plot-overlay:focus-visible {
  outline-offset: 0;
  border-radius: 3px;
}

.bar-cursor,
.brush {
  position: absolute;
  top: 0;
  height: var(--frame-height, 100%);
  background: color-mix(in srgb, var(--ink) 9%, #0000);
  pointer-events: none;
}

.brush {
  background: color-mix(in srgb, var(--accent) 18%, #0000);
  border: solid var(--accent);
  border-width: 0 1px;
}

/* Details ---------------------------------------------------------------------------------------------------------- */

.details-body {
  display: grid;
  gap: 8px;
  max-height: 330px;
  padding-right: 4px;
  overflow-y: auto;
}

.details .metrics dd {
  font-size: 13px;
}

.subject {
  font-size: 13px;
  font-weight: 600;
}

.tags {
  display: flex;
  flex-wrap: wrap;
  gap: 4px 14px;
}

.tag {
  display: inline-flex;
  gap: 6px;
  align-items: center;
}

.facts {
  display: grid;
  align-content: start;
  grid-template-columns: max-content minmax(0, 1fr);
  gap: 2px 16px;
}

.facts dt {
  color: var(--muted);
}

.facts dd {
  overflow-wrap: anywhere;
}

.columns {
  display: grid;
  grid-template-columns: repeat(auto-fit, minmax(195px, 1fr));
  gap: 8px 20px;
}

h4 {
  margin: 4px 0 2px;
  font-size: 12px;
  font-weight: 600;
}

.reasons,
.chains {
  display: grid;
  gap: 8px;
}

.reasons li {
  display: grid;
  gap: 2px;
}

.reason-head,
.chains li {
  display: flex;
  flex-wrap: wrap;
  gap: 2px 8px;
  align-items: baseline;
}

.confidence {
  display: inline-block;
  min-width: 58px;
  padding: 0 7px;
  color: var(--muted);
  font-size: 11.5px;
  text-align: center;
  border: 1px dashed var(--strong-line);
  border-radius: 99px;
}

.confidence.certain,
.confidence.strong {
  color: var(--ink);
  border-style: solid;
}

.confidence.none,
.confidence.weak {
  color: var(--warn);
  border-color: color-mix(in srgb, var(--warn) 55%, var(--surface));
}

.levels {
  display: grid;
  gap: 4px;
}

.levels li {
  display: grid;
  grid-template-columns: 70px 1fr 58px;
  gap: 10px;
  align-items: center;
}

.level {
  height: 6px;
  overflow: hidden;
  background: var(--line);
  border-radius: 3px;
}

.level span {
  display: block;
  height: 100%;
  background: var(--muted);
}

/* Kernel table ----------------------------------------------------------------------------------------------------- */

.table-scroll {
  overflow-x: auto;
}

table {
  width: 100%;
  font-size: 12.5px;
  border-spacing: 0;
  border-collapse: collapse;
}

th {
  padding: 0 10px 5px;
  vertical-align: baseline;
  color: var(--muted);
  font-size: 12px;
  font-weight: 500;
  text-align: start;
  white-space: nowrap;
  border-bottom: 1px solid var(--line);
}

th.number {
  text-align: end;
}

th button {
  padding: 0;
  background: none;
  border: 0;
  border-radius: 3px;
}

th button:hover,
th[aria-sort] {
  color: var(--ink);
}

.arrow:not(:empty) {
  margin-inline: 3px;
}

th.number button {
  display: inline-flex;
  gap: 2px;
  align-items: baseline;
}

th.number .arrow {
  order: -1;
  text-align: end;
}

td {
  padding: 4px 10px;
  white-space: nowrap;
  border-bottom: 1px solid color-mix(in srgb, var(--ink) 7%, var(--surface));
}

th:first-child,
td:first-child {
  padding-left: 6px;
}

th:last-child,
td:last-child {
  padding-right: 6px;
}

tbody tr {
  cursor: pointer;
}

tbody tr:hover {
  background: var(--faint);
}

tbody tr.chosen {
  background: var(--chosen);
}

tbody tr.dimmed > td {
  opacity: 0.5;
}

td.name {
  width: 55%;
  max-width: 0;
}

td.name button {
  display: block;
  max-width: 100%;
  padding: 0;
  overflow: hidden;
  font-family: var(--code);
  font-size: 12px;
  text-align: start;
  text-overflow: ellipsis;
  white-space: nowrap;
  background: none;
  border: 0;
  border-radius: 3px;
}

td.backend .swatch {
  margin-right: 7px;
}

.share-bar {
  display: inline-block;
  width: 64px;
  height: 6px;
  margin-right: 8px;
  overflow: hidden;
  vertical-align: middle;
  background: color-mix(in srgb, var(--ink) 8%, var(--surface));
  border-radius: 3px;
}

.share-text {
  display: inline-block;
  min-width: 52px;
}

.share-bar span {
  display: block;
  height: 100%;
}

.more {
  margin-top: 8px;
  padding: 3px 10px;
  background: none;
  border: 1px solid var(--line);
  border-radius: var(--radius);
}

.more:hover {
  background: var(--faint);
}

/* Tooltip ---------------------------------------------------------------------------------------------------------- */

.tooltip {
  position: absolute;
  z-index: 20;
  top: 0;
  left: 0;
  max-width: min(440px, 90%);
  padding: 8px 11px;
  background: var(--surface);
  border: 1px solid var(--strong-line);
  border-radius: var(--radius);
  box-shadow: 0 6px 22px rgb(0 0 0 / 22%);
  font-size: 12px;
  pointer-events: none;
}

.tooltip-title {
  display: flex;
  gap: 7px;
  align-items: baseline;
  font-weight: 600;
  overflow-wrap: anywhere;
}

.tooltip dl {
  display: grid;
  grid-template-columns: max-content 1fr;
  gap: 0 14px;
  margin-top: 4px;
}

.tooltip dt,
.tooltip-hint {
  color: var(--muted);
}

.tooltip-hint {
  margin-top: 5px;
}

/* Narrow ----------------------------------------------------------------------------------------------------------- */

@container (max-width: 740px) {
  .pair {
    grid-template-columns: minmax(0, 1fr);
  }

  .details {
    border-left: 0;
  }

  .details-body {
    max-height: none;
  }

  .search {
    flex: 1 1 100%;
  }
}

@container (max-width: 620px) {
  .header,
  .filters,
  .panel {
    padding-right: 12px;
    padding-left: 12px;
  }

  td.category,
  th.category,
  .share-bar {
    display: none;
  }

  td.name {
    width: 40%;
    max-width: 120px;
  }

  th,
  td {
    padding-right: 6px;
    padding-left: 6px;
  }
}

@media (prefers-reduced-motion: no-preference) {
  .pill,
  .chip,
  .segments button,
  tbody tr {
    transition: background-color 90ms ease-out;
  }
}
`;var z=15,yt=["calls","total","mean"],le=class{constructor(e){this.store=e;this.element.append(c("div",{class:"panel-head"},this.title,this.count),c("div",{class:"table-scroll"},c("table",{},c("thead",{},this.head),this.body)),this.empty,this.more),this.update()}store;element=c("section",{class:"panel kernels","aria-label":"Kernels"});title=c("h3",{});count=c("span",{class:"muted"});head=c("tr");body=c("tbody");more=c("button",{type:"button",class:"more",onclick:()=>this.showMore()});empty=c("p",{class:"empty"},"Nothing is left under these filters.");lines=[];sort={key:"total",descending:!0};shown=z;update(){let{store:e}=this,t=e.data.meta.weight==="host"||e.options.weight==="host";this.title.textContent=t?"Operators":"Kernels";let r=e.passing("kernel");this.lines=Ke(e.data,Ie(e.data,e.kernelGroups,e.weights,r),this.sort.key,this.sort.descending),this.count.textContent=`${k(this.lines.length)} distinct`,this.shown=z,this.drawHead(t?"operator":"kernel"),this.drawBody()}drawHead(e){let t=[["name",e],["backend","backend"],["category","category"],["calls","calls"],["total",this.store.options.weight==="count"?"calls, all":"total"],[null,"share"],["mean","mean"]],r=this.store.options.weight==="count"?t.filter(([n])=>n!=="mean"&&n!=="calls"):t;S(this.head,...r.map(([n,o])=>{let i=n===this.sort.key,l={scope:"col",class:n===null||yt.includes(n)?`number ${o}`:o,"aria-sort":i?this.sort.descending?"descending":"ascending":void 0};if(n===null)return c("th",l,o);let p=i?this.sort.descending?"↓":"↑":"";return c("th",l,c("button",{type:"button",onclick:()=>this.sortBy(n)},o,c("span",{class:"arrow","aria-hidden":"true"},p)))}))}drawBody(){let{store:e,lines:t}=this,r=t.reduce((p,d)=>p+d.total,0),n=t.reduce((p,d)=>Math.max(p,d.total),0),o=new Set(e.clauses.kernel??[]),i=e.options.weight==="count",a=i?k:E;S(this.body,...t.slice(0,this.shown).map(p=>{let d=e.data.meta.roles[p.role],h=C(d?.key??""),u=x(p.name),g=o.has(p.name);return c("tr",{class:o.size>0&&!g?"dimmed":g?"chosen":void 0,onclick:m=>this.choose(p,m)},c("td",{class:"name"},c("button",{type:"button",title:u,"aria-pressed":String(g)},u)),c("td",{class:"backend"},c("span",{class:h.hatched?"swatch hatched":"swatch",style:{"background-color":h.fill}}),d?.label??"?"),c("td",{class:"category"},e.data.meta.categories[p.category]??""),!i&&c("td",{class:"number"},k(p.calls)),c("td",{class:"number"},a(p.total)),c("td",{class:"number share"},c("span",{class:"share-bar","aria-hidden":"true"},c("span",{style:{width:`${100*p.total/n}%`,"background-color":h.fill}})),c("span",{class:"share-text"},w(p.total,r))),!i&&c("td",{class:"number"},E(p.mean)))})),this.empty.hidden=t.length>0;let l=t.length-Math.min(this.shown,t.length);this.more.hidden=l===0,this.more.textContent=`Show ${Math.min(l,z*4)} more of ${k(l)}`}showMore(){this.shown+=z*4,this.drawBody()}sortBy(e){this.sort={key:e,descending:this.sort.key===e?!this.sort.descending:yt.includes(e)};let t=this.head.getRootNode().activeElement?.textContent;this.update();for(let r of this.head.querySelectorAll("button"))t&&r.firstChild?.textContent&&t.startsWith(r.firstChild.textContent)&&r.focus()}choose(e,t){let r=this.store.clauses.kernel,n=t.ctrlKey||t.metaKey||t.shiftKey,o=r?.length===1&&r[0]===e.name,i=this.shown,a=[...this.body.children].indexOf(t.currentTarget),l=this.body.getRootNode().activeElement!==null;this.store.set("kernel",n?W(r,e.name):o?void 0:[e.name]),i>z&&(this.shown=i,this.drawBody()),l&&this.body.children[a]?.querySelector("button")?.focus({preventScroll:!0})}};var fr=["Tab","Escape"];function vt(s,e,t){let r=c("div",{class:"xpubreak"});s.append(r);let n=r.attachShadow({mode:"open"}),o=document.createElement("style");o.textContent=bt;let i=c("div",{class:"explorer",role:"region","aria-label":"Breakdown explorer"});n.append(o,i),i.addEventListener("keydown",d=>{fr.includes(d.key)||d.stopPropagation()}),t.addEventListener("abort",()=>r.remove());let a=c("p",{class:"loading",role:"status"},"Loading the breakdown …");i.append(a);let l=e.waiting.map(({afterMs:d,text:h})=>setTimeout(()=>{a.textContent=h},d)),p=()=>l.forEach(clearTimeout);t.addEventListener("abort",p),e.load().then(d=>{p(),!t.aborted&&(a.remove(),gr(i,d,e,t),e.shown())}).catch(d=>{p(),a.className="loading failed",a.textContent=`The breakdown cannot be shown: ${d instanceof Error?d.message:String(d)}`,a.isConnected||i.replaceChildren(a),console.error("xpubreak",d)})}function gr(s,e,t,r){let n=new U(Ee(e.meta,e.bytes)),o=new oe(n);if(s.append(o.element),n.data.rows===0||n.whole.weight===0){s.append(c("p",{class:"empty whole"},br(n)));return}n.replace(t.readSelection());let i=new te(s),a=new Y(n);s.append(a.element);let l=ve(s),p=new ne(n,l,i,r),d=new ae(n,l,i,r,{item:e.bars,bokeh:()=>t.bokeh()}),h=new Z(n),u=new le(n);s.append(p.element,c("div",{class:"pair"},d.element,h.element),u.element);let g=JSON.stringify(n.selection);n.subscribe(()=>{for(let v of[o,a,p,d,h,u])v.update();let m=n.selection,f=JSON.stringify(m);f!==g&&(g=f,t.writeSelection(m))},r),t.onSelection(()=>{let m=t.readSelection();JSON.stringify(m)!==g&&(g=JSON.stringify(m),n.replace(m))}),lt(()=>{let m=ve(s);p.useTheme(m),d.useTheme(m)},r)}function br(s){let{meta:e}=s.data;return e.issues.find(r=>r.severity==="error")?.message?"There is nothing to show. The reason is given above.":e.totals.spans+e.totals.activities>0?"Operators were recorded, but none of them took any time.":"There is nothing to show: the profile holds no operators and no device activities."}var we=class{constructor(e){this.model=e}model;bokehLoading=null;bokeh(){return this.bokehLoading??=wt(this.model,"bokehjs").then(async({buffers:e})=>{let t=await xe(e[0]);return ke(new TextDecoder().decode(t))}),this.bokehLoading}mount({model:e,el:t,signal:r}){vt(t,{load:()=>yr(e),bokeh:()=>this.bokeh(),readSelection:()=>e.get("selection"),writeSelection:o=>{e.set("selection",o),e.save_changes()},onSelection:o=>{e.on("change:selection",o),r.addEventListener("abort",()=>e.off("change:selection",o))},waiting:[{afterMs:2e3,text:"Waiting for the kernel: it sends the data when the running cells are done …"},{afterMs:15e3,text:"Still waiting for the kernel. If it was restarted since, run the cell again: the data is not saved in the notebook."}],shown:()=>vr(e.get("uid"),r)},r)}};async function yr(s){let{content:e,buffers:t}=await wt(s,"data");return{meta:e.meta,bytes:t[0],bars:e.bars}}function wt(s,e){return new Promise((t,r)=>{let n=(o,i)=>{o?.answer===e&&(s.off("msg:custom",n),typeof o.error=="string"?r(new Error(o.error)):t({content:o,buffers:i}))};s.on("msg:custom",n),s.send({ask:e})})}var ce=new Map;function vr(s,e){let t=r=>{for(let n of document.querySelectorAll(`[data-xpubreak-static="${CSS.escape(s)}"]`))(n.closest(".jp-OutputArea-child")??n).style.display=r?"":"none"};ce.set(s,(ce.get(s)??0)+1),t(!1),e.addEventListener("abort",()=>{let r=(ce.get(s)??1)-1;ce.set(s,r),t(r===0)})}var zo={initialize({model:s}){let e=new we(s);return{mount:t=>e.mount(t)}}};export{zo as default};
